package workloads

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
	"unicode"

	"github.com/payoff-bench/payoff/strategies"
)

// What a program that is a task may do.
const (
	CommandOutput = 64 << 20 // bytes that it prints
	CommandTime   = time.Minute
)

// Command runs a program of the user's as a task, a process for each: what a script does
// that calls a tool for every line of a file. Params.Program is the program and its
// arguments, executed as they are, by no shell; {} in an argument stands for the task's
// line of Params.Inputs. There are as many tasks as the job needs: the lines in their
// order, and again from the first.
//
// What the program prints to standard output is digested and must be the same whenever it
// is given the same line; its standard input is empty, its standard error shows in the
// error of a task that fails. Exit status 0 alone is good.
//
// The workload is not among [All], as it does not run without a program.
func Command() Workload {
	k := strategies.Kernel[Call, Outcome]{
		Name: "command",
		Func: call,
		In:   strategies.Codec[Call]{Append: appendCall, Decode: decodeCall},
		Out:  outcomeCodec(),
	}
	w := Workload{
		Name:     "command",
		Doc:      "runs a program of yours, a process for each task: payoff run --command 'prog {}' --inputs FILE",
		Uses:     "a process for each task: what it allocates and which caches it fills is the program's own",
		Children: true,
		Kernel:   k,
	}
	w.New = func(p Params) (Load, error) {
		if err := w.Check(p); err != nil {
			return nil, err
		}
		if err := checkProgram(p.Program); err != nil {
			return nil, err
		}
		lines, err := ReadInputs(p.Inputs)
		if err != nil {
			return nil, err
		}
		return &Typed[Call, Outcome]{
			Kernel: k,
			Input: func(i, _ int) Call {
				return Call{uint32(i), fillIn(p.Program, lines[i%len(lines)])}
			},
			Number: number,
		}, nil
	}
	return w
}

// A Call is a task that runs a program: it and its arguments.
type Call struct {
	Index uint32
	Args  []string
}

// fillIn returns the command for a line.
func fillIn(program []string, line string) []string {
	args := []string{program[0]}
	for _, a := range program[1:] {
		args = append(args, strings.ReplaceAll(a, "{}", line))
	}
	return args
}

// A ProgramError is a program that could not do its task.
type ProgramError struct {
	Args   []string
	Err    error  // an [*exec.ExitError] where it ended by itself
	Stderr string // the end of what it said
}

func (e *ProgramError) Error() string {
	text := fmt.Sprintf("program %q: %v", e.Args, e.Err)
	if e.Stderr != "" {
		text += ": " + e.Stderr
	}
	return text
}

func (e *ProgramError) Unwrap() error { return e.Err }

var (
	errPrintsMore = fmt.Errorf("it printed more than %d MiB and was killed", CommandOutput>>20)
	errRunsLonger = fmt.Errorf("it ran longer than %v and was killed", CommandTime)
	errLeaves     = errors.New("it ended and left a process behind that holds its output")
)

// call kills the program when ctx ends: it is not asked, since it may not listen.
func call(ctx context.Context, c Call) (Outcome, error) {
	if err := ctx.Err(); err != nil {
		return Outcome{}, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, CommandTime, errRunsLonger)
	defer cancel()
	limited, stop := context.WithCancelCause(limited)
	defer stop(nil)
	sum := sha256.New()
	var said lastBytes
	cmd := exec.CommandContext(limited, c.Args[0], c.Args[1:]...)
	cmd.Stderr = &said
	left := CommandOutput
	cmd.Stdout = writeFunc(func(b []byte) (int, error) {
		if left -= len(b); left < 0 {
			stop(errPrintsMore)
			return 0, errPrintsMore
		}
		return sum.Write(b)
	})
	cmd.WaitDelay = time.Second
	var err error
	strategies.Blocking(ctx, func() { err = cmd.Run() })
	if err != nil {
		if errors.Is(err, exec.ErrWaitDelay) {
			err = errLeaves
		}
		err = cmp.Or(context.Cause(limited), err)
		return Outcome{}, &ProgramError{Args: c.Args, Err: err, Stderr: readable(said)}
	}
	return Outcome{Index: c.Index, Value: binary.LittleEndian.Uint64(sum.Sum(nil))}, nil
}

type writeFunc func([]byte) (int, error)

func (f writeFunc) Write(b []byte) (int, error) { return f(b) }

// lastBytes keeps the end of what is written to it.
type lastBytes []byte

func (l *lastBytes) Write(b []byte) (int, error) {
	const most = 1 << 10
	*l = append(*l, b...)
	*l = (*l)[max(0, len(*l)-most):]
	return len(b), nil
}

// readable is what a program said, for people: without what steers a terminal.
func readable(said []byte) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, string(said)))
}

func appendCall(dst []byte, c Call) ([]byte, error) {
	dst = binary.LittleEndian.AppendUint32(dst, c.Index)
	return append(dst, strings.Join(c.Args, "\x00")...), nil
}

func decodeCall(src []byte) (Call, error) {
	if len(src) < 5 {
		return Call{}, fmt.Errorf("call of %d bytes: must be at least 5", len(src))
	}
	return Call{binary.LittleEndian.Uint32(src), strings.Split(string(src[4:]), "\x00")}, nil
}
