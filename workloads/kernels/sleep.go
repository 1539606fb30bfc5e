package kernels

import (
	"context"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// newSleep returns the workload sleep. Its tasks only wait, as if for an answer of another machine.
// Timers make short waits longer: an idle Go process on Linux rounds them up to whole milliseconds.
// So a grain below 1 ms says little about the time of a task. As for every workload, payoff
// measures the real time.
func newSleep() workloads.Workload {
	w := workloads.Workload{
		Name:   "sleep",
		Doc:    "waits for a timer and does nothing else, like a call of another service",
		Uses:   "allocates a timer (250 B in 3 allocations); uses no other memory",
		Waits:  true,
		Grains: true,
	}
	k := strategies.Kernel[workloads.Task, workloads.Timed]{Func: workloads.Time(sleep), In: workloads.TaskCodec(), Out: workloads.TimedCodec(), Begin: beginSleep}
	return workloads.DefinePlain(w, k, func(p workloads.Params) (workloads.Typed[workloads.Task, workloads.Timed], error) {
		return workloads.Typed[workloads.Task, workloads.Timed]{
			Input:  func(i, grain int) workloads.Task { return p.Task(i, uint64(grain)) },
			Number: workloads.Timed.Number,
			Look:   workloads.Service,
		}, nil
	})
}

// sleep waits t.Steps nanoseconds.
func sleep(ctx context.Context, t workloads.Task) (workloads.Outcome, error) {
	return slept(t, strategies.Wait(ctx, time.Duration(t.Steps)))
}

// beginSleep starts a task of the workload sleep on an event loop. When the wait is over, the event
// loop passes the outcome to done.
func beginSleep(_ context.Context, t workloads.Task, ev strategies.Events, done func(workloads.Timed, error)) {
	began := time.Now()
	ev.After(time.Duration(t.Steps), func(err error) {
		o, err := slept(t, err)
		done(workloads.Timed{Outcome: o, Nanos: uint64(time.Since(began))}, err)
	})
}

// slept returns the outcome of task t after its wait. The argument err is the error of the wait.
func slept(t workloads.Task, err error) (workloads.Outcome, error) {
	if err != nil {
		return workloads.Outcome{}, err
	}
	return workloads.Outcome{Index: t.Index, Value: mix.Bits(t.Start())}, nil
}
