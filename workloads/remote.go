package workloads

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// This file runs jobs in another program.

// remote runs the job on a pool in another program. The first job hands the inputs over. The job ends
// at the first task that fails, unless its failure is planned.
func (l *load[In, Out]) remote(ctx context.Context, r *catalog.Remote, o strategies.Options) error {
	placed := o.Order != strategies.CompletionOrder
	return l.job(placed, func() error {
		if l.handed != r {
			if err := l.hand(ctx, r); err != nil {
				return err
			}
			l.handed = r
		}
		size, err := r.Chunk(o, l.tasks)
		if err != nil {
			return err
		}
		done, err := r.Pool.Run(ctx, size)
		if err != nil {
			return err
		}
		if len(done.Values) != l.tasks {
			return fmt.Errorf("strategy %s returned %d outcomes for %d tasks", r.Name, len(done.Values), l.tasks)
		}
		l.last.took, l.last.others = done.Took, done.Others
		return l.store(done, placed, l.shape.Name != "" && !r.Loop)
	})
}

// hand encodes the inputs of the job and hands them over to the pool. The inputs include their
// fault plans, unless the pool is the serial loop that other strategies are compared with.
func (l *load[In, Out]) hand(ctx context.Context, r *catalog.Remote) (err error) {
	name, inputs := l.Kernel.Name, make([][]byte, l.tasks)
	if l.shape.Name == "" || r.Loop {
		for i := range inputs {
			if inputs[i], err = l.Kernel.In.Append(nil, l.input(i)); err != nil {
				return &strategies.TaskError{Task: i, Err: err}
			}
		}
	} else {
		if name, inputs, err = l.faulty.encoded(); err != nil {
			return err
		}
	}
	return r.Pool.Hand(ctx, name, inputs)
}

// store decodes the outputs of a job. It returns an error for a task that failed and was not
// planned to fail. The flag faulty says whether the tasks have injected faults. The flag placed is
// false for completion order. In this order, store does not know the number of a failed task, and
// stores the outputs one after another.
func (l *load[In, Out]) store(done catalog.RemoteOutcome, placed, faulty bool) (err error) {
	at := 0
	for i, b := range done.Values {
		if failed := done.Failed[i]; failed != nil {
			err := error(&strategies.TaskError{Task: i, Attempt: 1, Err: failed})
			if !faulty {
				return err
			}
			if placed {
				if err := l.faults.Accept(err); err != nil {
					return err
				}
				at++
			}
			continue
		}
		if l.last.out[at], err = l.Kernel.Out.Decode(slices.Clip(b)); err != nil {
			return &strategies.TaskError{Task: i, Err: fmt.Errorf("output: %w", err)}
		}
		at++
	}
	if !faulty {
		return nil
	}
	return l.faults.AcceptCount(len(done.Failed))
}

// Took implements [Load].
func (l *load[In, Out]) Took() (makespan, others time.Duration) { return l.last.took, l.last.others }

// A twin is a kernel that has the same computation in another language, such as Python.
type twin struct {
	workload, codec string // name of the workload, and of the codec by which its data is handed over; "" for the workload's own codec
	slower          int    // roughly how many times as long a step takes in Python as in Go
}

// twins returns the kernels whose computation exists in Python too.
func twins() []twin {
	return []twin{{"spin", "", 100}, {"sha256", "", 1}, {"sleep", "", 1}, {"files", "", 1}, {"cached", "", 1}, {"http", "", 1}, {"crc", "", 1}, {"record", "json", 1}}
}

// Python returns the workloads for pools of Python. There is one for each workload in the table
// whose kernel also exists in Python. The new workload has the name of the old one with py- before
// it, such as py-spin, and its tasks do the same work. Its speed-ups are relative to serial Python
// in place of the direct loop. The argument loop is the name of the strategy that runs tasks in
// serial Python. A grain is the approximate time of a task in Python.
func Python(table []Workload, loop string) (all []Workload) {
	for _, t := range twins() {
		i := slices.IndexFunc(table, func(w Workload) bool { return w.Name == t.workload })
		if i < 0 {
			continue
		}
		w, of := table[i], table[i]
		w.Name, w.Loop, w.Codecs, w.Others = "py-"+w.Name, loop, nil, nil
		w.Doc = "the tasks of " + of.Name + " for pools of Python; the loop is serial Python"
		w.Uses = "in Python: objects of the interpreter; in Go: " + of.Uses
		if of.Grains {
			w.Finest = max(1, of.Finest) * t.slower
		}
		w.New = func(p Params) (Load, error) {
			if err := w.Check(p); err != nil {
				return nil, err
			}
			p.Grain /= t.slower
			p.Codec = t.codec
			return of.New(p)
		}
		all = append(all, w)
	}
	return all
}
