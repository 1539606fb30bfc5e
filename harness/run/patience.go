package run

import (
	"cmp"
	"context"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// timed runs a launch and adds its time to the tally.
func (r *run) timed(ctx context.Context, s harness.Spec) (harness.Result, error) {
	began, l := time.Now(), r.Launcher
	l.Timeout = r.patience(s)
	result, err := l.Launch(ctx, s)
	r.tally.Spent.Launches += time.Since(began)
	r.tally.Spent.Work += time.Duration(result.Busy)
	return result, err
}

// punctually is the largest number of launches until an open loop keeps to its schedule. A fresh
// launch can help, because processes may be placed badly on the cores for their whole life.
const punctually = 3

// punctual runs a launch, and repeats it while the generator of its open loop lagged because other
// work used the machine. It counts the discarded loops. It returns an error if every launch lagged,
// because the rate is then too high for this machine.
func (r *run) punctual(ctx context.Context, s harness.Spec) (harness.Result, error) {
	void := 0.0
	for launches := 1; ; launches++ {
		result, err := r.timed(ctx, s)
		if err != nil || result.Lagged == "" {
			if void > 0 && err == nil {
				result.Values[harness.UnitVoidLoops] += void
			}
			return result, err
		}
		if launches == punctually {
			return result, &lagError{result.Lagged}
		}
		void += result.Values[harness.UnitVoidLoops]
	}
}

// patient is the time limit of a launch, as a multiple of the time of its fewest jobs in the direct
// loop. It allows for slower strategies and for warm-up.
const patient = 4

// programMost is an upper limit of the time of a task that is a program of the user. Such a task is
// stopped earlier.
const programMost = time.Minute

// patience returns the time limit of a launch, which is longer for long tasks, so that they do not
// look like a hang. A probe runs one task, and then a job with one task for each worker.
func (r *run) patience(s harness.Spec) time.Duration {
	explained := patient * fewestJobs * time.Duration(r.jobs[s.Cell.Task].Work*float64(s.Tasks))
	if s.Tasks == 0 {
		task := patient * time.Duration(s.Cell.Grain)
		if r.Program != nil {
			task = max(programMost, r.Rules.Timeout)
		}
		explained = time.Duration(s.Workers+1) * task
	}
	return cmp.Or(r.Timeout, max(DefaultTimeout, explained))
}
