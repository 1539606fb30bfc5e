package kernels

import (
	"errors"
	"strings"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// Command returns the workload command. Each of its tasks runs a program of the user's in a
// process of its own, like a script that calls a tool for every line of a file. Params.Program
// is the program and its arguments, which no shell interprets; {} in an argument stands for
// the task's line of Params.Inputs. Tasks take the lines in order, and again from the first.
//
// The program's standard output is digested and must be the same for the same line. Its
// standard input is empty; the error of a failed task shows its standard error. Every exit
// status but 0 is a failure. Processes that the program leaves behind are not part of the
// task: it does not wait for them, and they are killed when the launch ends.
//
// The workload is not in [All], since it cannot run without a program.
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

// fillIn returns program with line in place of each {}.
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
