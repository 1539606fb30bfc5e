//go:build unix

package procs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Numbers of starts in a row that may fail, and of workers of a lane in a row that may be killed.
const mostFailures, mostKills = 5, 8

// TestInitFails checks that if an initialiser fails, New fails at once with the cause.
func TestInitFails(t *testing.T) {
	for do, want := range map[string]string{
		"error": "odd", "panic": "boom", "goexit": "Goexit", "exit": "exit status 3; last lines of standard error: last words",
		"kill": "signal: killed",
		"hang": "not finished within 50ms", "garbage": "bad frame",
	} {
		c := config(2)
		c.Init = Prepare(prepare, do)
		if do == "hang" {
			c.Init.Limit = 50 * time.Millisecond
		}
		_, err := New(t.Context(), c)
		var e *StartError
		var initial *InitError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || e.Worker == nil || e.Worker.PID == 0 {
			t.Errorf("%s: got error %v, want a StartError with %q", do, err, want)
		}
		if !errors.As(err, &initial) || initial.Kernel != prepare.Name || strings.Contains(err.Error(), "go build") {
			t.Errorf("%s: got error %v, want an InitError that does not blame the worker program", do, err)
		}
	}
	c := config(1)
	c.Init = Init{Kernel: "other"}
	var e *StartError
	if _, err := New(t.Context(), c); !errors.As(err, &e) || e.Option != "initialiser" || !strings.Contains(err.Error(), "initialiser other: the worker program has no such kernel") {
		t.Errorf("initialiser without a kernel: got error %v, want a StartError", err)
	}
	for _, misbehave := range []func(){func() {}, func() { panic("a panic") }} {
		bad := prepare
		bad.In.Append = func([]byte, string) ([]byte, error) { misbehave(); return nil, errors.New("no encoding") }
		c.Init = Prepare(bad, "")
		var codec *strategies.CodecError
		if _, err := New(t.Context(), c); !errors.As(err, &codec) {
			t.Errorf("argument that cannot be encoded: got error %v, want a CodecError", err)
		}
	}
}

// TestInitFailsLater checks that if an initialiser fails in a later worker, queued tasks fail with
// the cause. Later jobs run once the initialiser succeeds again.
func TestInitFailsLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "once")
	c := config(1)
	c.Init = Prepare(prepare, "once "+path)
	x := newExecutor(t, c)
	for range 2 {
		_, err := fault.Map(t.Context(), x, []string{"kill", "1", "2"}, strategies.Options{})
		var e *StartError
		var job *strategies.JobError
		if !errors.As(err, &e) || e.Option != "initialiser" || !strings.Contains(e.Error(), "not twice") || !errors.As(err, &job) || job.Task(2) == nil {
			t.Error(err)
		}
	}
	if n := x.Account().Restarts.Failed; n > 2*mostFailures {
		t.Errorf("got %d failed starts, want at most %d", n, 2*mostFailures)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if out, err := fault.Map(t.Context(), x, []string{"1"}, strategies.Options{}); err != nil || out[0] != "1" {
		t.Errorf("when the initialiser succeeds again: got %q and error %v", out, err)
	}
}

// TestKilledBeforeFirstTask checks that workers that are killed before their first task count as
// lost, not as failed starts. New workers replace them.
func TestKilledBeforeFirstTask(t *testing.T) {
	path := filepath.Join(t.TempDir(), "born")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	born, err := os.OpenFile(path, os.O_RDWR, 0) // for writing too, so that it never ends between two workers
	if err != nil {
		t.Fatal(err)
	}
	defer born.Close()
	born.SetReadDeadline(time.Now().Add(20 * time.Second))
	c := config(1)
	c.Program = Command(os.Args[0], "announced", path)
	x := newExecutor(t, c)
	for range mostFailures + 1 {
		var pid int
		if _, err := fmt.Fscanln(born, &pid); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := fault.Map(t.Context(), x, []string{"1"}, strategies.Options{}); err != nil || out[0] != "1" {
		t.Error(err)
	}
	if r := x.Account().Restarts; r.Failed > 0 || r.Lost <= mostFailures {
		t.Errorf("got restarts %+v, want no failed start and over %d lost workers", r, mostFailures)
	}
}

// TestAlwaysKilledBeforeFirstTask checks that if signals end every worker before its first task,
// queued tasks fail with the cause. Later jobs run once workers are no longer killed.
func TestAlwaysKilledBeforeFirstTask(t *testing.T) {
	for _, start := range []string{"exec", "task"} {
		path := filepath.Join(t.TempDir(), "kill")
		c := started(start, 2)
		c.Program = Command(os.Args[0], "mortal", path)
		x := newExecutor(t, c)
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := fault.Map(t.Context(), x, every("kill", 3), strategies.Options{}) // one more than live workers
		var e *StartError
		var lost *strategies.LostError
		if !errors.As(err, &e) || !errors.As(e, &lost) || lost.Signal != int(syscall.SIGKILL) || !strings.Contains(err.Error(), "find the sender") || strings.Contains(err.Error(), "go build") {
			t.Errorf("%s: got error %v, want a StartError that wraps a LostError", start, err)
		}
		if r := x.Account().Restarts; r.Failed > 0 || r.Lost < mostKills {
			t.Errorf("%s: got restarts %+v, want no failed start and at least %d lost workers", start, r, mostKills)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if out, err := fault.Map(t.Context(), x, []string{"1"}, strategies.Options{}); err != nil || out[0] != "1" {
			t.Errorf("%s: when workers are no longer killed: got %q and error %v", start, out, err)
		}
	}
}

// A mortal is a kernel that kills its worker, if there is a file at path. It does this when the
// worker binds (prepares) the kernel: after the handshake and before the first task.
type mortal struct {
	work.Callable
	path string
}

func (m mortal) Bind(step *work.Step) work.Bound {
	if _, err := os.Stat(m.path); err == nil {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal may arrive a little later
	}
	return m.Callable.Bind(step)
}

// An announced is a kernel that writes the process id of its worker to the file at path. It does
// this when the worker binds (prepares) the kernel: after the handshake and before the first task.
type announced struct {
	work.Callable
	path string
}

func (a announced) Bind(step *work.Step) work.Bound {
	f, err := os.OpenFile(a.path, os.O_WRONLY, 0)
	if err == nil {
		_, err = fmt.Fprintln(f, os.Getpid())
	}
	if err != nil {
		panic(err)
	}
	f.Close()
	return a.Callable.Bind(step)
}
