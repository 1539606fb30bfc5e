package workloads

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/payoff-bench/payoff/strategies"
)

// Command runs a program of the user's as a task, a process for each: what a script does
// that calls a tool for every line of a file. Params.Program is the program and its
// arguments, executed as they are, by no shell; {} in an argument stands for the task's
// line of Params.Inputs. There are as many tasks as the job needs: the lines in their
// order, and again from the first.
//
// What the program prints to standard output is digested and must be the same whenever it
// is given the same line; its standard input is empty, its standard error shows in the
// error of a task that fails. Exit status 0 alone is good. What it leaves running is no part
// of the task: it is not waited for, and killed when its launch ends.
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
		lines, err := ReadInputs(p.Program, p.Inputs)
		if err != nil {
			return nil, fmt.Errorf("workload %s: %w", w.Name, err)
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
