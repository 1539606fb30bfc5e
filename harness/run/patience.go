package run

import (
	"cmp"
	"context"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// timed runs a launch with the time limit that [run.patience] returns. It adds the time of the
// launch to the tally.
func (r *run) timed(ctx context.Context, s harness.Spec) (harness.Result, error) {
	began, l := time.Now(), r.Launcher
	l.Timeout = r.patience(s)
	result, err := l.Launch(ctx, s)
	r.tally.Spent.Launches += time.Since(began)
	r.tally.Spent.Work += time.Duration(result.Busy)
	return result, err
}

// punctually is the largest number of launches of an open loop until its tasks arrive in time. A
// fresh launch can help, because the system may have placed the earlier process badly on the cores
// for its whole life.
const punctually = 3

// punctual runs a launch. If the launch is an open loop whose tasks arrived too late, punctual runs
// it again, up to [punctually] times in all, because other work may have used the machine. If they
// arrive too late each time, punctual returns an error: the rate is too high for this machine. The
// number of discarded loops in the result includes those of the launches that were run again.
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

// patient is a factor in the time limit of a launch: patient times the time that the direct loop
// takes for fewestJobs jobs, plus patient times the minimum time. The factor allows for slower
// strategies and for the warm-up.
const patient = 4

// hangs returns the time after which a job that runs in another program, such as Python, counts as
// hung. If the user set a time limit for a Python function, hangs returns this limit. Otherwise it
// returns ten times the time of the direct loop plus 10 s, because pools may be much slower than
// the loop.
func (r *run) hangs(job harness.Job) time.Duration {
	if r.Function != "" && r.Rules.Timeout > 0 {
		return r.Rules.Timeout
	}
	return 10*time.Second + 10*time.Duration(job.Work*float64(job.Tasks))
}

// patience returns the time limit of a launch. The limit is higher for long tasks, so that the run
// does not take a slow launch for one that hangs. For a probe, the limit is enough for one task and
// then a job with one task for each worker. For a probe of a user's program, which makes its job
// larger step by step, the limit is twice as high, or the whole budget if this is longer.
func (r *run) patience(s harness.Spec) time.Duration {
	explained := patient * fewestJobs * time.Duration(r.jobs[s.Cell.Task].Work*float64(s.Tasks))
	if s.Tasks == 0 {
		task := patient * time.Duration(s.Cell.Grain)
		if r.Program != nil {
			task = 2 * r.Rules.Limit() // a task that takes longer is stopped
		}
		explained = max(s.Fit.Left, time.Duration(s.Workers+1)*task)
	}
	return cmp.Or(r.Timeout, max(DefaultTimeout, explained+patient*s.MinTime))
}
