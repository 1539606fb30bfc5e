package kernels

import (
	"errors"
	"strings"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
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
func Command() workloads.Workload {
	return defined(workloads.Workload{
		Name:     "command",
		Doc:      "runs a program of yours, a process for each task: payoff run --command 'prog {}' --inputs FILE",
		Uses:     "a process for each task: what it allocates and which caches it fills is the program's own",
		Children: true,
	}, workloads.NumberedCodec(argsCodec()), execute, func(p workloads.Params) (func(i, grain int) call, error) {
		lines, err := ReadInputs(p.Program, p.Inputs)
		return func(i, _ int) call { return call{Index: uint32(i), Value: fillIn(p.Program, lines[i%len(lines)])} }, err
	})
}

// A call is a task that runs a program: it and its arguments.
type call = workloads.Numbered[[]string]

// fillIn returns the command for a line.
func fillIn(program []string, line string) []string {
	args := []string{program[0]}
	for _, a := range program[1:] {
		args = append(args, strings.ReplaceAll(a, "{}", line))
	}
	return args
}

func argsCodec() strategies.Codec[[]string] {
	return strategies.Codec[[]string]{
		Append: func(dst []byte, args []string) ([]byte, error) {
			return append(dst, strings.Join(args, "\x00")...), nil
		},
		Decode: func(src []byte) ([]string, error) {
			if len(src) == 0 {
				return nil, errors.New("no program")
			}
			return strings.Split(string(src), "\x00"), nil
		},
	}
}
