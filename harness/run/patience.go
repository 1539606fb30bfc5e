package run

import (
	"cmp"
	"context"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// timed launches and adds the launch's time to the tally.
func (r *run) timed(ctx context.Context, s harness.Spec) (harness.Result, error) {
	began := time.Now()
	result, err := r.launchWithin(ctx, s, r.patience(s))
	r.tally.Spent.Launches += time.Since(began)
	r.tally.Spent.Work += time.Duration(result.Busy)
	return result, err
}

// punctually is how many launches are made at most until one has an open loop that kept to its
// schedule: the processes of one may lie badly on the cores for as long as they live.
const punctually = 3

// punctual is timed, and again where the generator of an open loop lagged, which says that other
// work used the machine in those seconds. Void launches are counted. Where none is on time the
// rate is too high for this machine, which is an error.
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

// patient is how many times as long as the fewest jobs take in the direct loop a launch may
// take: there are strategies that are slower, and launches that warm up.
const patient = 4

// programMost is above the time that a task takes if it is a program of the user's: it is
// stopped then.
const programMost = time.Minute

// patience returns how long a launch may take, so that a launch whose tasks take minutes is not
// taken for one that hangs. To find the time of a task one is run, and then a job with a task
// for each worker.
func (r *run) patience(s harness.Spec) time.Duration {
	explained := patient * fewestJobs * time.Duration(r.jobs[s.Cell.Task].Work*float64(s.Tasks))
	if s.Tasks == 0 {
		task := patient * time.Duration(s.Cell.Grain)
		if r.Program != nil {
			task = programMost
		}
		explained = time.Duration(s.Workers+1) * task
	}
	return cmp.Or(r.Timeout, max(DefaultTimeout, explained))
}
