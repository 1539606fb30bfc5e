package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
)

// A Process is a command that is measured as a whole process, from its start to its end.
type Process struct {
	Command []string      // program and arguments
	Dir     string        // working directory; "" for that of this process
	Env     []string      // environment, as NAME=value; nil for that of this process
	Timeout time.Duration // time limit; 0 means DefaultTimeout
}

// An Ended describes a process that has ended: its output, and how much time and memory it used.
type Ended struct {
	Output       []byte // standard output, at most [OutputMost] bytes
	At           time.Time
	Wall         time.Duration
	User, System time.Duration // CPU times of the process and of the descendants that it waited for
	// MaxRSS is the largest resident memory of one of these processes, in bytes; 0 if unknown. It
	// is unknown if the calling process has more resident memory, because the kernel counts that
	// memory for the new process until the new process executes its program.
	MaxRSS int64
	Left   bool     // the process left others of its group behind, which were killed
	Marks  []string // how other work disturbed the process; see [harness.MarkSteal]
}

// OutputMost is the largest number of bytes that a [Process] may print on standard output.
const OutputMost = 4 << 20

// An OutputError is the error for a process that printed more than [OutputMost] bytes on standard
// output.
type OutputError struct{}

func (e *OutputError) Error() string {
	return fmt.Sprintf("the process printed more than %d MiB on standard output", OutputMost>>20)
}

// takenMost is the share of the cores' time that other processes may take during a process. If they
// take more, the process counts as starved.
const takenMost = 0.1

// Run runs the process and waits for its end. It leaves no process behind: it kills the rest of the
// process group. If ctx is done or the time limit is exceeded, it also kills all descendants. On
// Linux, the process is also killed when the calling process ends. If the process fails, e contains
// its standard output, and the error contains its standard error.
func (p Process) Run(ctx context.Context) (e Ended, err error) {
	timeout := p.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &timeoutError{timeout})
	defer cancel()
	onThread(func() { e, err = p.run(ctx) }) // the process is killed when the thread that starts it ends
	return e, err
}

func (p Process) run(ctx context.Context) (Ended, error) {
	if len(p.Command) == 0 {
		return Ended{}, errors.New("no command to run")
	}
	output, printed := &limited{most: OutputMost}, &gist{}
	cmd := exec.CommandContext(ctx, p.Command[0], p.Command[1:]...)
	cmd.Dir, cmd.Env = p.Dir, p.Env
	cmd.Stdout, cmd.Stderr = output, printed
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	cmd.WaitDelay = time.Second // for a process that left the group and holds the output
	stopWatch, stopTaken := probe.Watch(os.Getpid()), probe.Taken(true)
	e := Ended{At: time.Now()}
	err := cmd.Start()
	if err == nil {
		err = cmd.Wait()
		e.Wall = time.Since(e.At)
		if ctx.Err() == nil {
			e.Left = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) == nil
		}
	}
	e.Output = output.text
	if ctx.Err() != nil {
		return e, context.Cause(ctx)
	}
	if output.over {
		return e, &OutputError{}
	}
	if err != nil {
		if said := printed.String(); said != "" {
			err = fmt.Errorf("%w: %s", err, said)
		} else if said := gistOf(e.Output); said != "" {
			err = fmt.Errorf("%w: %s", err, said)
		}
		return e, err
	}
	cores := runtime.NumCPU()
	e.Marks = probe.Marks(stopWatch(), e.Wall, cores)
	if probe.Starved(stopTaken().Values[harness.UnitTaken], takenMost, e.Wall, cores) {
		e.Marks = append(e.Marks, harness.MarkStarved)
	}
	e.User, e.System = cmd.ProcessState.UserTime(), cmd.ProcessState.SystemTime()
	var own syscall.Rusage
	if use, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && syscall.Getrusage(syscall.RUSAGE_SELF, &own) == nil && use.Maxrss > own.Maxrss {
		e.MaxRSS = use.Maxrss * rssUnit
	}
	return e, nil
}

// gistOf returns the text, shortened to its beginning and its end if it is long.
func gistOf(text []byte) string {
	var g gist
	g.Write(text)
	return g.String()
}

// A limited is a buffer that drops the part of a text that exceeds a limit. It is not a
// [bytes.Buffer], because the method ReadFrom of that type would read without a limit.
type limited struct {
	text []byte
	most int
	over bool
}

func (l *limited) Write(p []byte) (int, error) {
	if len(l.text)+len(p) > l.most {
		l.over = true
		return len(p), nil
	}
	l.text = append(l.text, p...)
	return len(p), nil
}
