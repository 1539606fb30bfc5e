package harness

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
)

// LaunchFolder begins the name of a launch's folder; a number follows.
const LaunchFolder = "launch-"

// Launch runs one launch in a fresh process, pinned to the cell's cores where the machine
// permits, in a folder of its own that is removed afterwards. It fills in Dir, Worker,
// Program and Inputs of the spec. GOMAXPROCS of the launch is the number of its cores; of the other
// variables that steer a Go program it gets none, as worker processes get none.
//
// Whatever ends it, no process of the launch is left: it is the leader of a process
// group that is killed as a whole, and it dies with this process. What it prints shows
// in the error alone.
func (r *Runner) Launch(ctx context.Context, s Spec) (Result, error) {
	return r.launchWithin(ctx, s, cmp.Or(r.Timeout, DefaultTimeout))
}

// launchWithin is Launch, which ends after timeout.
func (r *Runner) launchWithin(ctx context.Context, s Spec, timeout time.Duration) (Result, error) {
	dir, err := os.MkdirTemp(r.Dir, LaunchFolder)
	if err != nil {
		return Result{}, fmt.Errorf("folder for a launch: %w", err)
	}
	defer os.RemoveAll(dir)
	s.Dir, s.Worker, s.Program, s.Inputs = dir, r.Worker, r.Program, r.Inputs
	if own := r.Workers[s.Cell.Workload]; own != nil {
		s.Worker = own
	}

	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &timeoutError{timeout})
	defer cancel()

	var result Result
	done := make(chan struct{})
	go func() {
		defer close(done)
		// The process inherits the mask of the thread that starts it, and is killed when
		// that thread ends. So the thread is this goroutine's until the process is gone,
		// and is not used again: locked at the end, it ends too.
		runtime.LockOSThread()
		result, err = r.serveAndLaunch(ctx, s)
	}()
	<-done
	return result, err
}

// serveAndLaunch is launch beside a server, if the tasks ask one.
func (r *Runner) serveAndLaunch(ctx context.Context, s Spec) (Result, error) {
	command := r.Servers[s.Cell.Workload]
	if command == nil {
		return launch(ctx, r.Command, s)
	}
	serves, err := startServer(ctx, s.Cell.Workload, command, s.Cell.Cores)
	if err != nil {
		return Result{}, err
	}
	defer serves.stop()
	s.Server, s.Serving = serves.Address, serves.cmd.Process.Pid
	result, err := launch(ctx, r.Command, s)
	if err != nil {
		err = serves.ended(s.Cell.Workload, err)
	}
	return result, err
}

// launch starts the process from this thread and waits for its result.
func launch(ctx context.Context, command []string, s Spec) (Result, error) {
	var result Result
	if len(command) == 0 {
		return result, errors.New("no command to launch")
	}
	// Specs and results are smaller than a pipe's buffer, so that nobody need wait for
	// the other side: the spec is written before the start, the result read after the end.
	spec, err := json.Marshal(s)
	if err != nil {
		return result, err
	}
	specR, specW, err := os.Pipe()
	if err != nil {
		return result, err
	}
	defer specR.Close()
	_, err = specW.Write(spec)
	if err := errors.Join(err, specW.Close()); err != nil {
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
		// What a launch that crashed left behind, or programs that are tasks; it is reaped, so
		// that nothing is below it.
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	if err != nil {
		if said := printed.String(); said != "" {
			return result, fmt.Errorf("%w: %s", err, said)
		}
		return result, err
	}
	if pinning == nil {
		if err := pinned(s.Cell.Cores); err != nil {
			return result, err
		}
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
	switch name {
	case "GOMAXPROCS", "GOGC", "GOMEMLIMIT", "GODEBUG", "GOTRACEBACK", "GOFLAGS", "GOEXPERIMENT":
		return true
	}
	return false
}

// A gist keeps the beginning and the end of what is written to it: a crash begins with its
// reason, and a long error ends with its cause.
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
