package kernels

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
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

// Command returns the workload with the name command. Each task runs a program of the user in a new
// process, like a script that calls a tool for each line of a file. Params.Program is the program
// and its arguments; no shell interprets them.
//
// The input of a task is one line of the file Params.Inputs. The line replaces {} in the arguments
// of the program. Tasks take the lines in a random order, which the seed determines, and begin
// again after the last line. So a job with fewer tasks than lines has a random choice of lines.
//
// These rules apply unless Params.Rules changes them:
//
//   - The digest covers the standard output of the program, which must be the same each time for
//     the same line.
//   - Standard input is empty.
//   - Every exit status except 0 is a failure. The error of a failed task contains the end of the
//     standard error of the program.
//
// A task does not wait for processes that the program leaves behind. The launch, which is the
// process that measures the workload, kills them at its end.
//
// [All] does not contain this workload, because it needs a program.
func Command() workloads.Workload {
	w := workloads.Workload{
		Name:     "command",
		Doc:      "runs your program in a new process for each task: payoff run --command 'prog {}' --inputs FILE",
		Uses:     "starts a process for each task; use of memory and caches depends on the program",
		Children: true,
	}
	k := strategies.Kernel[call, workloads.Timed]{Func: workloads.Time(execute), In: workloads.NumberedCodec(invocationCodec()), Out: workloads.TimedCodec()}
	return workloads.DefinePlain(w, k, func(p workloads.Params) (t workloads.Typed[call, workloads.Timed], err error) {
		lines, err := ReadInputs(p.Program, p.Inputs, p.Rules)
		order := rand.New(rand.NewPCG(p.Seed, inputStream)).Perm(len(lines))
		t.Input = func(i, _ int) call {
			line := lines[order[i%len(lines)]]
			return call{Index: uint32(i), Value: invocation{Args: fillIn(p.Program, line), Line: line, Rules: p.Rules}}
		}
		t.Number = workloads.Timed.Number
		t.Time = func(out workloads.Timed) time.Duration { return time.Duration(out.Nanos) }
		t.Select = func(tasks int) workloads.Selection { return selection(lines, order[:min(tasks, len(order))]) }
		return t, err
	})
}

// inputStream selects the sequence of random numbers that determines the order of the inputs.
const inputStream = 17

// selection returns the lines with the given indexes as a Selection. It shortens long lines.
func selection(lines []string, indexes []int) workloads.Selection {
	const most = 80 // largest number of characters of a text
	s := workloads.Selection{Of: len(lines)}
	for _, i := range indexes {
		text := []rune(readable([]byte(lines[i])))
		if len(text) > most {
			text = append(text[:most-1], '…')
		}
		s.Lines, s.Texts = append(s.Lines, i+1), append(s.Texts, string(text))
	}
	return s
}

// A call is a task of the workload with the name command. Such a task runs a program of the user.
type call = workloads.Numbered[invocation]

// An invocation is the program of a task with its arguments, its input line and its rules.
type invocation struct {
	Args  []string
	Line  string
	Rules workloads.Rules
}

// fillIn returns program with the given line in place of each {} in the arguments.
func fillIn(program []string, line string) []string {
	args := []string{program[0]}
	for _, a := range program[1:] {
		args = append(args, strings.ReplaceAll(a, "{}", line))
	}
	return args
}

// invocationCodec returns a codec that preserves every byte of an argument. JSON would change bytes
// that are not valid UTF-8.
func invocationCodec() strategies.Codec[invocation] {
	return strategies.Codec[invocation]{
		Append: func(dst []byte, v invocation) ([]byte, error) {
			b := bytes.NewBuffer(dst)
			err := gob.NewEncoder(b).Encode(v)
			return b.Bytes(), err
		},
		Decode: func(src []byte) (v invocation, err error) {
			err = gob.NewDecoder(bytes.NewReader(src)).Decode(&v)
			if err == nil && len(v.Args) == 0 {
				err = errors.New("an encoded task of workload \"command\" contains no program")
			}
			return v, err
		},
	}
}

// The limit of a program that a task runs.
const (
	commandOutput = 64 << 20 // largest size of standard output in bytes
)

// A ProgramError reports that the program of a task failed or could not be started.
type ProgramError struct {
	Args   []string
	Err    error  // an [*exec.ExitError] if the program ended by itself
	Stderr string // end of the standard error of the program
}

func (e *ProgramError) Error() string {
	text := fmt.Sprintf("program %s: %v", quoted(e.Args), e.Err)
	if e.Stderr != "" {
		text += ": " + e.Stderr
	}
	return text
}

func (e *ProgramError) Unwrap() error { return e.Err }

// quoted returns program arguments as text for an error message. It cuts a long text and adds its
// size.
func quoted(args []string) string {
	const most = 200
	text := fmt.Sprintf("%q", args)
	if len(text) > most {
		text = fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(text[:most], ""), len(text))
	}
	return text
}

var (
	errPrintsMore = fmt.Errorf("the program printed more than %d MiB and was killed; redirect or shorten its output", commandOutput>>20)
	errLeaves     = errors.New("the program ended, but a process that it left behind keeps its output open")
)

// execute runs the program of the call c and returns the outcome of the task. When ctx ends,
// execute kills the program at once. It does not ask the program to stop, because the program could
// ignore that.
func execute(ctx context.Context, c call) (workloads.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return workloads.Outcome{}, err
	}
	rules := c.Value.Rules
	most := rules.Limit()
	limited, cancel := context.WithTimeoutCause(ctx, most, fmt.Errorf("the program ran longer than %v and was killed; --timeout allows more", most))
	defer cancel()
	limited, stop := context.WithCancelCause(limited)
	defer stop(nil)
	sum := sha256.New()
	var said lastBytes
	left := commandOutput
	out := &copied{to: writeFunc(func(b []byte) (int, error) {
		if left -= len(b); left < 0 {
			stop(errPrintsMore)
			return 0, errPrintsMore
		}
		return sum.Write(b)
	})}
	errs := &copied{to: &said}
	cmd := exec.CommandContext(limited, c.Value.Args[0], c.Value.Args[1:]...)
	cmd.Stdout, cmd.Stderr = out, errs
	if rules.Stdin {
		cmd.Stdin = strings.NewReader(c.Value.Line + "\n")
	}
	if rules.Env != nil {
		cmd.Env = append(os.Environ(), rules.Env...)
	}
	cmd.WaitDelay = 3 * time.Second // passes only if the program left a process behind, or the machine was suspended
	cmd.SysProcAttr = withThread()
	var err error
	strategies.Blocking(ctx, func() {
		runtime.LockOSThread() // on Linux the system kills the program when this thread ends
		err = cmd.Run()
		runtime.UnlockOSThread()
	})
	if ended := (*exec.ExitError)(nil); (err == nil || errors.As(err, &ended)) && cmd.ProcessState != nil && context.Cause(limited) == nil {
		// The method Wait reports the expired delay only if the exit status is 0.
		if status := cmd.ProcessState.ExitCode(); !out.whole || !errs.whole {
			err = errLeaves
		} else if rules.Succeeds(status) {
			err = nil
		} else if err == nil {
			err = fmt.Errorf("exit status %d is not in the list --exit-codes; add it there if it means success", status)
		} else if status > 0 {
			err = fmt.Errorf("%w (--exit-codes lists the statuses that mean success)", err)
		}
	}
	if err != nil {
		if errors.Is(err, exec.ErrWaitDelay) {
			err = errLeaves
		}
		err = cmp.Or(context.Cause(limited), unstarted(c.Value.Args[0], err))
		return workloads.Outcome{}, &ProgramError{Args: c.Value.Args, Err: err, Stderr: readable(said)}
	}
	if rules.NoDigest {
		return workloads.Outcome{Index: c.Index}, nil
	}
	return workloads.Outcome{Index: c.Index, Value: binary.LittleEndian.Uint64(sum.Sum(nil))}, nil
}

// unstarted returns err, the error of running a program. If err says that the program could not
// start, unstarted adds a hint about the cause.
func unstarted(program string, err error) error {
	if e := (*fs.PathError)(nil); !errors.As(err, &e) {
		return err
	}
	hint := ""
	_, missing := os.Stat(program)
	switch {
	case errors.Is(err, syscall.ENOEXEC):
		hint = "this machine cannot run the program; a script must begin with a line that names its interpreter, such as #!/bin/sh"
	case errors.Is(err, fs.ErrNotExist) && missing == nil:
		hint = "the interpreter or loader of the program does not exist; check the path in the first line of the program, which may end in a carriage return"
	case errors.Is(err, syscall.E2BIG):
		hint = "the arguments and environment of the program are longer than the system allows; shorten them or use --stdin"
	default:
		return err
	}
	return fmt.Errorf("%w: %s", err, hint)
}

// A copied receives the standard output or error of a program and writes it to the writer in the
// field to. The field whole says whether the complete output has been written.
type copied struct {
	to    io.Writer
	whole bool
}

func (c *copied) Write(b []byte) (int, error) { return c.to.Write(b) }

// ReadFrom implements [io.ReaderFrom]. Package os/exec calls it through io.Copy.
func (c *copied) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(c.to, r)
	c.whole = err == nil
	return n, err
}

type writeFunc func([]byte) (int, error)

func (f writeFunc) Write(b []byte) (int, error) { return f(b) }

// A lastBytes is a writer that keeps only the last 1 KiB of the bytes written to it.
type lastBytes []byte

func (l *lastBytes) Write(b []byte) (int, error) {
	const most = 1 << 10
	*l = append(*l, b...)
	*l = (*l)[max(0, len(*l)-most):]
	return len(b), nil
}

// readable returns said, the output of a program, as text for a message. It replaces control
// characters by "?".
func readable(said []byte) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, string(said)))
}
