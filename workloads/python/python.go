// Package python provides the workload whose tasks call a Python function of the user.
package python

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"

	"github.com/payoff-bench/payoff/strategies"
	systems "github.com/payoff-bench/payoff/strategies/python"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// Name is the name of the workload.
const Name = "python"

// Workload returns the workload python. Each task calls the function Params.Function, which has the
// form module:function, with one value. The file Params.Inputs has the values, each on a line in
// JSON. Tasks take them in a random order, which the seed determines, and begin again after the
// last one.
//
// The direct loop is serial Python. The digest covers the output of every task in JSON, so every
// strategy must return the same outputs as serial Python. Only strategies of Python and worker
// processes of Python can run the tasks. No table of workloads contains this workload, since it
// needs a function.
func Workload() workloads.Workload {
	w := workloads.Workload{
		Name: Name,
		Doc:  "calls your Python function, once for each task: payoff run --python module:function --inputs FILE",
		Uses: "objects of a Python interpreter; its memory and caches depend on the function",
		Loop: systems.Loop,
	}
	w = workloads.DefinePlain(w, kernel(Name), prepare)
	open := w.New
	w.New = func(p workloads.Params) (workloads.Load, error) {
		l, err := open(p)
		if err != nil {
			return nil, err
		}
		return named{l}, nil
	}
	return w
}

// kernel returns the kernel that calls the Python function with the given name. Only Python can run
// its tasks, so the kernel's field Func returns ErrElsewhere.
func kernel(name string) strategies.Kernel[[]byte, []byte] {
	codec := strategies.Codec[[]byte]{
		Append: func(dst, json []byte) ([]byte, error) { return append(dst, json...), nil },
		Decode: func(src []byte) ([]byte, error) { return bytes.Clone(src), nil },
	}
	return strategies.Kernel[[]byte, []byte]{Name: name, In: codec, Out: codec, Func: func(context.Context, []byte) ([]byte, error) {
		return nil, workloads.ErrElsewhere
	}}
}

// inputStream selects the sequence of random numbers that determines the order of the inputs.
const inputStream = 23

func prepare(p workloads.Params) (t workloads.Typed[[]byte, []byte], err error) {
	values, err := read(p.Inputs)
	if err == nil && p.Function == "" {
		err = errors.New("no Python function is named; name one by payoff run --python module:function")
	}
	if err != nil {
		return t, err
	}
	order := rand.New(rand.NewPCG(p.Seed, inputStream)).Perm(len(values))
	t.Kernel = kernel(p.Function)
	t.Input = func(i, _ int) []byte { return values[order[i%len(order)]] }
	t.Value = func(out []byte) uint64 { return mix.Hash(uint64(len(out)), out) }
	t.Select = func(tasks int) workloads.Selection { return selection(values, order[:min(tasks, len(order))]) }
	return t, nil
}

// read returns the lines of a file, each of which is a value in JSON.
func read(file string) ([][]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	values := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	for i, v := range values {
		if !json.Valid(v) {
			return nil, fmt.Errorf("%s:%d: the line is not JSON", file, i+1)
		}
	}
	return values, nil
}

// selection returns a Selection that lists the values with the given indexes. It shortens long
// values.
func selection(values [][]byte, indexes []int) workloads.Selection {
	const most = 80 // characters of a text
	s := workloads.Selection{Of: len(values)}
	for _, i := range indexes {
		text := []rune(string(values[i]))
		if len(text) > most {
			text = append(text[:most-1], '…')
		}
		s.Lines, s.Texts = append(s.Lines, i+1), append(s.Texts, string(text))
	}
	return s
}

// Encode returns the content of the file that Params.Inputs names, with one of the given values on
// each line. Each value must be JSON without line breaks.
func Encode(values [][]byte) []byte { return append(bytes.Join(values, []byte("\n")), '\n') }

// A named is a load that adds the input of a task to the error of the task.
type named struct{ workloads.Load }

// mostTasks is the largest number of tasks in a job. So many tasks of about 10 µs fill a job of 50 ms.
// Pools hand over shorter tasks much more slowly than the loop calls them, so a larger job of such
// tasks would take seconds.
const mostTasks = 4096

// Most implements [workloads.Load].
func (n named) Most() int {
	if most := n.Load.Most(); most > 0 {
		return min(most, mostTasks)
	}
	return mostTasks
}

// Map implements [workloads.Load]. The map ends at the first task that fails. If it went on, a
// function that kills its process for many inputs would make payoff start a new process for each of
// them.
func (n named) Map(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	o.FailFast = true
	return n.explain(n.Load.Map(ctx, ex, o))
}

// Stream implements [workloads.Load].
func (n named) Stream(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	return n.explain(n.Load.Stream(ctx, ex, o))
}

// explain adds the input of the task to err if err is the error of a task. Otherwise it returns err
// unchanged.
func (n named) explain(err error) error {
	failed, ok := errors.AsType[*strategies.TaskError](err)
	s := n.Selection()
	if !ok || len(s.Lines) == 0 {
		return err
	}
	i := failed.Task % len(s.Lines)
	return fmt.Errorf("input %d, %s: %w", s.Lines[i], s.Texts[i], err)
}
