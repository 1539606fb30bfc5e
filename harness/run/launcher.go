package run

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
)

// DefaultTimeout is how long a launch may take before it is killed and counts as failed.
const DefaultTimeout = 2 * time.Minute

// A Launcher starts launches, each a fresh process on its cores.
type Launcher struct {
	Command []string            // the program that is a launch, with its arguments; it reads a Spec and writes a Result
	Workers map[string][]string // the program that worker processes run, with its arguments, by workload
	Servers map[string][]string // the program that serves the tasks, by workload; each launch has a server of its own
	Program []string            // the program that is a task, with its arguments; nil for all workloads but that
	Inputs  string              // the file with the inputs of Program
	Dir     string              // an existing folder on a real disk; each launch gets a folder in it while it runs
	Timeout time.Duration       // of one launch; 0: DefaultTimeout, or as long as its jobs explain
}

// Launch runs one launch in a fresh process, pinned to the cell's cores where the machine
// permits, in a folder of its own that is removed afterwards. It fills in Dir, Worker,
// Program and Inputs of the spec. GOMAXPROCS of the launch is the number of its cores; the
// launch gets none of the other variables that steer a Go program, and neither do its worker
// processes.
//
// However it ends, no process of the launch is left: it is the leader of a process
// group that is killed as a whole, and it dies with this process. What it prints shows
// in the error alone.
func (l *Launcher) Launch(ctx context.Context, s harness.Spec) (harness.Result, error) {
	return l.launchWithin(ctx, s, cmp.Or(l.Timeout, DefaultTimeout))
}

// launchWithin is Launch with another timeout.
func (l *Launcher) launchWithin(ctx context.Context, s harness.Spec, timeout time.Duration) (result harness.Result, err error) {
	s.Dir, err = os.MkdirTemp(l.Dir, harness.LaunchFolder)
	if err != nil {
		return result, fmt.Errorf("folder for a launch: %w", err)
	}
	defer os.RemoveAll(s.Dir)
	s.Worker, s.Program, s.Inputs = l.Workers[s.Cell.Workload], l.Program, l.Inputs

	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &timeoutError{timeout})
	defer cancel()

	done := make(chan struct{})
	go func() {
		defer close(done)
		// The process inherits the mask of the thread that starts it, and is killed when
		// that thread ends. So the thread is this goroutine's until the process is gone,
		// and is not used again: locked at the end, it ends too.
		runtime.LockOSThread()
		result, err = l.serveAndLaunch(ctx, s)
	}()
	<-done
	return result, err
}

// serveAndLaunch runs the launch and, while it runs, the server that its tasks ask, if any.
func (l *Launcher) serveAndLaunch(ctx context.Context, s harness.Spec) (harness.Result, error) {
	command := l.Servers[s.Cell.Workload]
	if command == nil {
		return launch(ctx, l.Command, s)
	}
	serves, err := startServer(ctx, s.Cell.Workload, command, s.Cell.Cores)
	if err != nil {
		return harness.Result{}, err
	}
	defer serves.stop()
	s.Server, s.Serving = serves.address, serves.cmd.Process.Pid
	result, err := launch(ctx, l.Command, s)
	if err != nil {
		err = serves.ended(err)
	}
	return result, err
}

// launch starts the process from this thread and waits for its result.
func launch(ctx context.Context, command []string, s harness.Spec) (result harness.Result, err error) {
	if len(command) == 0 {
		return result, errors.New("no command to launch")
	}
	// Specs and results are smaller than a pipe's buffer, so that neither side waits for
	// the other: the spec is written before the start, the result read after the end.
	specR, specW, err := os.Pipe()
	if err != nil {
		return result, err
	}
	defer specR.Close()
	if err := errors.Join(json.NewEncoder(specW).Encode(s), specW.Close()); err != nil {
		return result, fmt.Errorf("spec: %w", err)
	}
	resultR, resultW, err := os.Pipe()
	if err != nil {
		return result, err
	}
	defer resultR.Close()
	defer resultW.Close()

	pinning := pin(s.Cell.Cores)
	if pinning != nil && !errors.Is(pinning, ErrPinning) {
		return result, pinning
	}
	var printed gist
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = &printed, &printed
	cmd.ExtraFiles = []*os.File{specR, resultW}
	cmd.Env = append(slices.DeleteFunc(cmd.Environ(), steersGo), fmt.Sprintf("GOMAXPROCS=%d", s.Cell.Cores))
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	cmd.WaitDelay = time.Second // for a process that left the group and holds the output
	err = cmd.Run()
	if ctx.Err() != nil {
		return result, context.Cause(ctx)
	}
	if cmd.Process != nil {
		// Processes that a launch which crashed left behind, or programs that are tasks. The
		// launch has been waited for, so that no process is below it.
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	if err == nil && pinning == nil {
		err = pinned(s.Cell.Cores)
	} else if said := printed.String(); err != nil && said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	if err != nil {
		return result, err
	}
	resultW.Close()
	resultR.SetReadDeadline(time.Now().Add(time.Second)) // as WaitDelay
	if err := json.NewDecoder(resultR).Decode(&result); errors.Is(err, io.EOF) {
		return result, errors.New("it ended well and without a result: a task may have ended the process")
	} else if err != nil {
		return result, fmt.Errorf("result: %w", err)
	}
	return result, nil
}

// steersGo reports whether a variable, as NAME=value, changes how a Go program runs.
func steersGo(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return slices.Contains([]string{"GOMAXPROCS", "GOGC", "GOMEMLIMIT", "GODEBUG", "GOTRACEBACK", "GOFLAGS", "GOEXPERIMENT"}, name)
}

// A gist keeps the beginning and the end of the text that is written to it: a crash begins
// with its reason, and a long error ends with its cause.
type gist struct {
	head, tail []byte
	cut        int // bytes between them
}

const (
	headSize = 1 << 10
	tailSize = 3 << 10
)

func (g *gist) Write(p []byte) (int, error) {
	n := min(len(p), headSize-len(g.head))
	g.head = append(g.head, p[:n]...)
	g.tail = append(g.tail, p[n:]...)
	over := max(0, len(g.tail)-tailSize)
	g.tail = g.tail[over:]
	g.cut += over
	return len(p), nil
}

func (g *gist) String() string {
	gap := ""
	if g.cut > 0 {
		gap = fmt.Sprintf(" … (%d bytes) … ", g.cut)
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(g.head)+gap+string(g.tail), "?"))
}

// killGroup kills the group that p leads, and every process below p that has a group of
// its own: worker processes do. Those would end by themselves, but later.
func killGroup(p *os.Process) error {
	below, _ := probe.Descendants(p.Pid) // what it found before an error is killed too
	err := syscall.Kill(-p.Pid, syscall.SIGKILL)
	for _, pid := range below {
		syscall.Kill(pid, syscall.SIGKILL) // an error says that it has ended already
	}
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
