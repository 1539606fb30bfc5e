package harness

import (
	"cmp"
	"context"
	"time"
)

// timed launches and keeps account of the time.
func (r *run) timed(ctx context.Context, s Spec) (Result, error) {
	began := time.Now()
	result, err := r.launchWithin(ctx, s, r.patience(s))
	r.tally.Spent.Launches += time.Since(began)
	r.tally.Spent.Work += time.Duration(result.Busy)
	return result, err
}

// punctually is how many launches are made at most until one has an open loop that kept to its
// schedule: the processes of one may lie badly on the cores for as long as they live.
const punctually = 3

// punctual is timed, and again where an open loop lagged, which says of the machine of those
// seconds that it was not the launch's alone. What was void is counted. Where none is on time
// the rate is too high for this machine, which is an error.
func (r *run) punctual(ctx context.Context, s Spec) (Result, error) {
	void := 0.0
	for launches := 1; ; launches++ {
		result, err := r.timed(ctx, s)
		if err != nil || result.Lagged == "" {
			if void > 0 && err == nil {
				result.Values[UnitVoidLoops] += void
			}
			return result, err
		}
		if launches == punctually {
			return result, &lagError{result.Lagged}
		}
		void += result.Values[UnitVoidLoops]
	}
}

// patient is how many times as long as the fewest jobs take in the direct loop a launch may
// take: there are strategies that are slower, and launches that warm up.
const patient = 4

// programMost is above what a task takes that is a program of the user's: it is stopped then.
const programMost = time.Minute

// patience returns how long a launch may take. That of tasks that take minutes themselves is
// not taken for one that hangs. To find what a task takes one is run, and then a job of as many
// as there are workers.
func (r *run) patience(s Spec) time.Duration {
	explained := patient * fewestJobs * time.Duration(r.jobs[s.Cell.Task()].Work*float64(s.Tasks))
	if s.Tasks == 0 {
		task := patient * time.Duration(s.Cell.Grain)
		if r.Program != nil {
			task = programMost
		}
		explained = time.Duration(s.Workers+1) * task
	}
	return cmp.Or(r.Timeout, max(DefaultTimeout, explained))
}
