package kernels

import (
	"context"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// A scale says how many steps of a kernel are so many ns of work. It is the same on every
// machine, so that tasks and digests are too; what a step takes here shows in the measured
// work of a task.
type scale struct {
	steps, nanos uint64 // so many steps in so many ns
	lead         uint64 // steps that call, beginning and end of a task take as long as
}

// count returns the steps of a task of so many ns, at least one.
func (s scale) count(grain int) uint64 {
	all := (uint64(grain)*s.steps + s.nanos/2) / s.nanos
	return max(all, s.lead+1) - s.lead
}

// counted completes w to a workload of tasks that are a head and nothing else: run does
// t.Steps steps, and count returns how many of them a grain is.
func counted(w workloads.Workload, count func(grain int) uint64, run func(context.Context, workloads.Task) (workloads.Outcome, error)) workloads.Workload {
	w.Grains = true
	return defined(w, workloads.TaskCodec(), run, func(p workloads.Params) (func(i, grain int) workloads.Task, error) {
		return func(i, grain int) workloads.Task { return p.Task(i, count(grain)) }, nil
	})
}

// defined completes w to a workload that applies run to inputs: prepare returns the input of
// task i, which is so many ns of work.
func defined[In any](w workloads.Workload, in strategies.Codec[In], run func(context.Context, In) (workloads.Outcome, error), prepare func(workloads.Params) (input func(i, grain int) In, err error)) workloads.Workload {
	k := strategies.Kernel[In, workloads.Outcome]{Func: run, In: in, Out: workloads.OutcomeCodec()}
	return workloads.Define(w, k, func(p workloads.Params) (t workloads.Typed[In, workloads.Outcome], err error) {
		t.Input, err = prepare(p)
		t.Number = workloads.Outcome.Number
		return t, err
	})
}
