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
	k := strategies.Kernel[Task, Outcome]{Name: "sleep", Func: sleep, In: taskCodec(), Out: outcomeCodec()}
	w := Workload{
		Name:   "sleep",
		Doc:    "waits for a timer: a task that only waits for others",
		Waits:  true,
		Grains: true,
		Kernel: k,
	}
	w.New = func(p Params) (Load, error) {
		if err := w.Check(p); err != nil {
			return nil, err
		}
		return &Typed[Task, Outcome]{
			Kernel: k,
			Params: p,
			Input:  func(i, grain int) Task { return task(p.Seed, i, uint64(grain)) },
			Number: number,
		}, nil
	}
	return w
}

// sleep takes a step to be a nanosecond.
func sleep(ctx context.Context, t Task) (Outcome, error) {
	timer := time.NewTimer(time.Duration(t.Steps))
	defer timer.Stop()
	select {
	case <-timer.C:
		return Outcome{Index: t.Index, Value: mix(t.start())}, nil
	case <-ctx.Done():
		return Outcome{}, ctx.Err()
	}
}
