package workloads

import (
	"context"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// Sleep waits: what a task does that asks another machine. Timers make short waits
// longer: an idle Go process on Linux rounds them up to whole milliseconds, so grains
// below 1 ms say little; what a wait takes is measured, as for any other kernel.
func Sleep() Workload {
	k := strategies.Kernel[Task, Waited]{Name: "sleep", Func: timed(sleep), In: taskCodec(), Out: waitedCodec(), Begin: beginSleep}
	w := Workload{
		Name:   "sleep",
		Doc:    "waits for a timer: a task that only waits for others",
		Uses:   "allocates a timer, 250 B in 3 pieces; touches no memory",
		Waits:  true,
		Grains: true,
		Kernel: k,
	}
	w.New = func(p Params) (Load, error) {
		if err := w.Check(p); err != nil {
			return nil, err
		}
		return &Typed[Task, Waited]{
			Kernel: k,
			Params: p,
			Input:  func(i, grain int) Task { return task(p.Seed, i, uint64(grain)) },
			Number: waitedNumber,
			Look:   service,
		}, nil
	}
	return w
}

// sleep takes a step to be a nanosecond.
func sleep(ctx context.Context, t Task) (Outcome, error) {
	return t.slept(strategies.Wait(ctx, time.Duration(t.Steps)))
}

// beginSleep is sleep for an event loop.
func beginSleep(_ context.Context, t Task, ev strategies.Events, done func(Waited, error)) {
	began := time.Now()
	ev.After(time.Duration(t.Steps), func(err error) {
		o, err := t.slept(err)
		done(Waited{o, uint64(time.Since(began))}, err)
	})
}

func (t Task) slept(err error) (Outcome, error) {
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Index: t.Index, Value: mix(t.start())}, nil
}
