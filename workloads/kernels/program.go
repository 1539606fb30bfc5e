package kernels

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// The limits of a program that a task runs.
const (
	commandOutput = 64 << 20 // bytes that it prints
	commandTime   = time.Minute
)

// A ProgramError is a program that did not do its task.
type ProgramError struct {
	Args   []string
	Err    error  // an [*exec.ExitError] if it ended by itself
	Stderr string // the last bytes of its standard error
}

func (e *ProgramError) Error() string {
	text := fmt.Sprintf("program %s: %v", quoted(e.Args), e.Err)
	if e.Stderr != "" {
		text += ": " + e.Stderr
	}
	return text
}

func (e *ProgramError) Unwrap() error { return e.Err }

// quoted returns a command for an error message, cut if it is long.
func quoted(args []string) string {
	const most = 200
	text := fmt.Sprintf("%q", args)
	if len(text) > most {
		text = fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(text[:most], ""), len(text))
	}
	return text
}

var (
	errPrintsMore = fmt.Errorf("it printed more than %d MiB and was killed", commandOutput>>20)
	errRunsLonger = fmt.Errorf("it ran longer than %v and was killed", commandTime)
	errLeaves     = errors.New("it ended and left a process behind that holds its output")
)

// execute runs the program of a call. When ctx ends it kills the program without asking it to
// stop, since the program may ignore that.
func execute(ctx context.Context, c call) (workloads.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return workloads.Outcome{}, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, commandTime, errRunsLonger)
	defer cancel()
	limited, stop := context.WithCancelCause(limited)
	defer stop(nil)
	sum := sha256.New()
	var said lastBytes
	cmd := exec.CommandContext(limited, c.Value[0], c.Value[1:]...)
	cmd.Stderr = &said
	left := commandOutput
	cmd.Stdout = writeFunc(func(b []byte) (int, error) {
		if left -= len(b); left < 0 {
			stop(errPrintsMore)
			return 0, errPrintsMore
		}
		return sum.Write(b)
	})
	cmd.WaitDelay = 3 * time.Second // reached only if the program left a process behind, or the machine stood still
	cmd.SysProcAttr = withThread()
	var err error
	strategies.Blocking(ctx, func() {
		runtime.LockOSThread() // the program ends with this thread
		err = cmd.Run()
		runtime.UnlockOSThread()
	})
	if err != nil {
		if errors.Is(err, exec.ErrWaitDelay) {
			err = errLeaves
		}
		err = cmp.Or(context.Cause(limited), unstarted(c.Value[0], err))
		return workloads.Outcome{}, &ProgramError{Args: c.Value, Err: err, Stderr: readable(said)}
	}
	return workloads.Outcome{Index: c.Index, Value: binary.LittleEndian.Uint64(sum.Sum(nil))}, nil
}

// unstarted returns err, with a hint if the program could not be started.
func unstarted(program string, err error) error {
	if e := (*fs.PathError)(nil); !errors.As(err, &e) {
		return err
	}
	hint := ""
	_, missing := os.Stat(program)
	switch {
	case errors.Is(err, syscall.ENOEXEC):
		hint = "it is no program of this machine; a script begins with a line that names what runs it, as #!/bin/sh"
	case errors.Is(err, fs.ErrNotExist) && missing == nil:
		hint = "what runs it is not there: see the path in its first line, which may end in a carriage return, or its loader"
	case errors.Is(err, syscall.E2BIG):
		hint = "its arguments and environment are longer than the system takes"
	default:
		return err
	}
	return fmt.Errorf("%w: %s", err, hint)
}

type writeFunc func([]byte) (int, error)

func (f writeFunc) Write(b []byte) (int, error) { return f(b) }

// lastBytes is a writer that keeps the last bytes written.
type lastBytes []byte

func (l *lastBytes) Write(b []byte) (int, error) {
	const most = 1 << 10
	*l = append(*l, b...)
	*l = (*l)[max(0, len(*l)-most):]
	return len(b), nil
}

// readable returns the output of a program without characters that control a terminal.
func readable(said []byte) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, string(said)))
}
