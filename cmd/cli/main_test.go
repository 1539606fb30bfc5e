package cli_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/payoff-bench/payoff/strategies/python"
)

// bin is the folder of payoff and payoff-worker. TestMain builds them, because a launch is a process
// that runs a program.
var bin string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "payoff-cli-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	bin = dir
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags", "-X main.version=v0-test -X main.commit=c0ffee", "-o", dir+"/", "../payoff", "../payoff-worker")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	status := 1
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, build, err)
	} else {
		status = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(status)
}

// interpreter returns the path of a Python interpreter, or "" if there is none.
var interpreter = sync.OnceValue(func() string {
	i, err := python.Find(context.Background(), "")
	if err != nil {
		return ""
	}
	return i.Path
})

func TestScripts(t *testing.T) {
	t.Parallel()
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("BIN", bin)
			e.Setenv("PAYOFF_LOCK", filepath.Join(e.WorkDir, "lock")) // each script has a lock, because they run in parallel
			e.Setenv("MODULE", module)
			e.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
			e.Setenv("PAYOFF", "payoff") // for scripts/compare
			e.Setenv("PYTHON", interpreter())
			e.Setenv("CORES", strconv.Itoa(runtime.NumCPU()))
			e.Setenv("TOOMANY", strconv.Itoa(runtime.NumCPU()+1))
			for _, key := range []string{"GOCACHE", "GOMODCACHE", "GOFLAGS", "GOPROXY"} {
				value, err := exec.Command("go", "env", key).Output()
				if err != nil {
					return err
				}
				e.Setenv(key, strings.TrimSpace(string(value)))
			}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "python":
				return interpreter() != "", nil
			case "root":
				return os.Geteuid() == 0, nil
			case "tmpfs":
				return exec.Command("unshare", "-rm", "mount", "-t", "tmpfs", "none", os.TempDir()).Run() == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":   status,
			"measured": measured,
			"gone":     gone,
			"count":    count,
			"slain":    slain,
			"fetch":    fetch,
			"nats":     natsServer,
			"remote":   remote,
		},
	})
}

// status implements the script command "status N command args...". It runs the command, which must
// end with the exit status N.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command args...")
	}
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if want := args[0]; strconv.Itoa(got) != want {
		ts.Fatalf("exit status %d, want %s", got, want)
	}
}

// address matches the address that payoff serve prints.
var address = regexp.MustCompile(`http://[0-9.:]+/`)

// fetch implements the script command "fetch status path". It waits for the address of a server in the
// file at, and prints the page at the path of this server, which must have the status.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fetch status path")
	}
	base := ""
	eventually(ts, "an address in the file at", func() bool {
		text, _ := os.ReadFile(ts.MkAbs("at"))
		base = address.FindString(string(text))
		return base != ""
	})
	got, err := http.Get(strings.TrimSuffix(base, "/") + args[1])
	ts.Check(err)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s", body)
	if args[0] != strconv.Itoa(got.StatusCode) {
		ts.Fatalf("%s: status %d, want %s", args[1], got.StatusCode, args[0])
	}
}

// measured implements the script command "measured N pattern". It waits until the files that match
// the pattern have at least N samples.
func measured(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: measured N pattern")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	eventually(ts, fmt.Sprintf("%d samples in %s", n, args[1]), func() bool {
		return lines(ts, args[1], "Benchmark") >= n
	})
}

// count implements the script command "count N pattern prefix". It requires that the files that
// match the pattern have exactly N lines with the prefix. With !, they must have another number of
// such lines.
func count(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: count N pattern prefix")
	}
	if got := strconv.Itoa(lines(ts, args[1], args[2])); (got == args[0]) == neg {
		ts.Fatalf("%s lines begin with %q", got, args[2])
	}
}

// lines returns the number of complete lines with the prefix in the files that match the pattern.
func lines(ts *testscript.TestScript, pattern, prefix string) int {
	files, err := filepath.Glob(ts.MkAbs(pattern))
	ts.Check(err)
	n := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		ts.Check(err)
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, prefix) && strings.HasSuffix(line, "\n") {
				n++
			}
		}
	}
	return n
}

// gone implements the script command "gone folder". It waits until no process runs a program of
// that folder. With !, it waits until a process runs one.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: gone folder")
	}
	dir := ts.MkAbs(args[0]) + string(filepath.Separator)
	eventually(ts, fmt.Sprintf("no process of %s (not: %v)", dir, neg), func() bool {
		exes, err := filepath.Glob("/proc/[0-9]*/exe")
		ts.Check(err)
		for _, exe := range exes {
			if program, err := os.Readlink(exe); err == nil && strings.HasPrefix(program, dir) {
				return neg
			}
		}
		return !neg
	})
}

// slain implements the script command "slain folder arguments...". It waits until a program of that
// folder runs with these arguments, and kills its process.
func slain(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: slain folder arguments...")
	}
	dir := ts.MkAbs(args[0]) + string(filepath.Separator)
	said := "\x00" + strings.Join(args[1:], "\x00") + "\x00"
	eventually(ts, strings.Join(args[1:], " ")+" of "+dir, func() bool {
		lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
		ts.Check(err)
		for _, line := range lines {
			text, err := os.ReadFile(line)
			if err != nil || !strings.HasPrefix(string(text), dir) || !strings.HasSuffix(string(text), said) {
				continue
			}
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(line)))
			ts.Check(err)
			return syscall.Kill(pid, syscall.SIGKILL) == nil
		}
		return false
	})
}

// eventually waits until the function done returns true, and fails the test after a minute. The
// argument what describes the awaited event, for the error. It polls, because the other process
// sends no events.
func eventually(ts *testscript.TestScript, what string, done func() bool) {
	watchdog := time.After(time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-watchdog:
			ts.Fatalf("waited a minute for %s", what)
		}
	}
}
