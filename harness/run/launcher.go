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
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
)

// DefaultTimeout is the default time limit of a launch. A launch that takes longer is killed and
// counts as failed.
const DefaultTimeout = 2 * time.Minute

// A Launcher starts launches. Each launch is a fresh process, pinned to as many cores as its cell
// has.
type Launcher struct {
	Command []string            // program and arguments of a launch, which reads a Spec and writes a Result
	Workers map[string][]string // program and arguments of worker processes, by workload
	// Servers has the program and arguments of servers of a launch, by workload or by strategy. The
	// server of a strategy also gets the name of the cell.
	Servers map[string][]string
	Program []string      // program and arguments, if the task is a program; nil for other workloads
	Inputs  string        // file with the inputs of Program or Function
	Python  string        // interpreter of strategies of Python; "" for python3 in PATH
	Rules   harness.Rules // rules for running Program
	// Function is the Python function measured as a task, as module:function; "" for other workloads.
	Function string
	Dir      string        // existing folder on a real disk; each launch gets a temporary folder in it
	Timeout  time.Duration // time limit of one launch; 0 means DefaultTimeout, or more in a run with long jobs
}

// Launch runs one launch in a fresh process, which makes the measurement described by the spec s,
// and returns its result. It pins the process to as many cores as the cell has, if the machine
// permits this, and sets GOMAXPROCS to this number. It completes the spec: it sets the fields Dir
// (a new temporary folder), Worker, Program, Function, Inputs and Rules, and also Server and Serving if the
// tasks call a server, and Hub and HubPID if the strategy does. The launch and its worker processes get the environment that
// [harness.Inherited] returns for this process.
//
// Launch leaves no process behind: it kills the process group of the launch, and on Linux the
// launch is also killed when this process ends. Launch does not print the output of the launch, but
// adds it to the error of a failed launch.
func (l *Launcher) Launch(ctx context.Context, s harness.Spec) (result harness.Result, err error) {
	s.Dir, err = os.MkdirTemp(l.Dir, harness.LaunchFolder)
	if err != nil {
		return result, fmt.Errorf("cannot create the folder for a launch: %w", err)
	}
	defer os.RemoveAll(s.Dir)
	// The command also runs if the prepare command failed, and after an interrupt.
	defer func() {
		err = errors.Join(err, hook(context.WithoutCancel(ctx), "cleanup", l.Rules.Cleanup, l.Rules.Env))
	}()
	if err := hook(ctx, "prepare", l.Rules.Prepare, l.Rules.Env); err != nil {
		return result, err
	}
	s.Worker, s.Program, s.Inputs, s.Rules, s.Python = l.Workers[s.Cell.Workload], l.Program, l.Inputs, l.Rules, l.Python
	s.Function = l.Function

	timeout := cmp.Or(l.Timeout, DefaultTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &timeoutError{timeout})
	defer cancel()
	// The process inherits the affinity mask of the thread that starts it, and is killed when that
	// thread ends.
	onThread(func() { result, err = l.serveAndLaunch(ctx, s) })
	return result, err
}

// serveAndLaunch runs a launch. If the tasks or the strategy of the launch need a server,
// serveAndLaunch starts this server before the launch and stops it afterwards.
func (l *Launcher) serveAndLaunch(ctx context.Context, s harness.Spec) (result harness.Result, err error) {
	if command := l.Servers[s.Cell.Workload]; command != nil {
		serves, failed := startServer(ctx, "workload "+s.Cell.Workload, command, s.Cell.Cores)
		if failed != nil {
			return result, failed
		}
		defer serves.stop()
		s.Server, s.Serving = serves.address, serves.cmd.Process.Pid
		defer func() { err = serves.ended(err) }()
	}
	if command := l.Servers[s.Cell.Strategy]; command != nil {
		hub, failed := startServer(ctx, "strategy "+s.Cell.Strategy, append(slices.Clip(command), s.Cell.Name()), s.Cell.Cores)
		if failed != nil {
			return result, failed
		}
		defer hub.stop()
		s.Hub, s.HubPID = hub.address, hub.cmd.Process.Pid
		defer func() { err = hub.ended(err) }()
	}
	return launch(ctx, l.Command, s)
}

// launch starts the process of a launch from the calling thread, sends the spec s to it, and waits
// for its result.
func launch(ctx context.Context, command []string, s harness.Spec) (result harness.Result, err error) {
	if len(command) == 0 {
		return result, errors.New("no command to launch")
	}
	specR, specW, err := os.Pipe()
	if err != nil {
		return result, err
	}
	defer specR.Close()
	defer specW.Close()
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
	left := false
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = &printed, &printed
	cmd.ExtraFiles = []*os.File{specR, resultW}
	cmd.Env = append(harness.Inherited(cmd.Environ()), fmt.Sprintf("GOMAXPROCS=%d", s.Cell.Cores))
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	cmd.WaitDelay = time.Second // for a process that left the group and holds the output
	err = cmd.Start()
	if err == nil {
		specR.Close()
		resultW.Close()
		sent, received := send(specW, s), receive(resultR, &result)
		err = cmd.Wait()
		if ctx.Err() == nil {
			// Kill processes that a crashed launch left behind, and programs that are tasks. The
			// launch itself has ended, so its process has no descendants.
			left = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) == nil
		}
		// The launch has ended: it reads and writes no more.
		specW.Close()
		resultR.SetReadDeadline(time.Now().Add(cmd.WaitDelay))
		unsent, unread := <-sent, <-received
		if err == nil {
			err = cmp.Or(unread, unsent)
		}
	}
	if ctx.Err() != nil {
		return harness.Result{}, context.Cause(ctx)
	}
	if err == nil && pinning == nil {
		err = pinned(s.Cell.Cores)
	} else if said := printed.String(); err != nil && said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	if err != nil {
		return harness.Result{}, err
	}
	result.Left = result.Left || left
	return result, nil
}

// send writes the spec s to w, the pipe to the launch, on another goroutine, and then closes w. The
// channel that it returns yields the error of writing, or nil.
func send(w *os.File, s harness.Spec) <-chan error {
	sent := make(chan error, 1)
	go func() {
		err := json.NewEncoder(w).Encode(s)
		// A short launch may end, and the caller close w, before this goroutine does.
		if closing := w.Close(); err == nil && !errors.Is(closing, os.ErrClosed) {
			err = closing
		}
		if err != nil {
			err = fmt.Errorf("spec: %w", err)
		}
		sent <- err
	}()
	return sent
}

// receive reads the result of the launch from the pipe r on another goroutine, and stores the
// result in into. The channel that it returns yields the error of reading, or nil.
func receive(r *os.File, into *harness.Result) <-chan error {
	received := make(chan error, 1)
	go func() {
		err := json.NewDecoder(r).Decode(into)
		switch {
		case errors.Is(err, io.EOF):
			err = errors.New("the launch exited with status 0 but wrote no result: a task may have ended the process")
		case err != nil:
			err = fmt.Errorf("result: %w", err)
		}
		received <- err
	}()
	return received
}

// A gist is an [io.Writer] that keeps only the beginning and the end of a text. These parts often
// contain the reason of an error: a crash prints its reason first, and a long error ends with its
// cause.
type gist struct {
	head, tail []byte
	cut        int // number of dropped bytes between head and tail
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

// killGroup kills the process group that p leads and all descendants of p. Descendants such as
// worker processes are in other groups; without killGroup they would end only later, by themselves.
func killGroup(p *os.Process) error {
	below, _ := probe.Descendants(p.Pid) // empty after an error
	err := syscall.Kill(-p.Pid, syscall.SIGKILL)
	for _, pid := range below {
		syscall.Kill(pid, syscall.SIGKILL) // fails if the process has ended
	}
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
