package launch

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/workloads"
)

// A probe measures the time of a task in the direct loop. It repeats the loop (often times), over
// so many tasks that each repetition takes at least the time certain. The fastest repetition
// counts, because disturbances only make repetitions slower, and because a job should have the same
// size in every run.
const (
	certain     = 10 * time.Millisecond
	longCertain = time.Second // after a repetition that takes longer, the probe ends
	often       = 3
)

// probeTask measures the time of one task in the direct loop, and chooses the number of tasks in a
// job so that the job has a suitable length. Then it runs such a job in the direct loop, to get the
// digest of the outputs.
func probeTask(ctx context.Context, load workloads.Load, s harness.Spec) (r harness.Result, err error) {
	if n := s.Cell.Tasks; n > 0 { // the cell sets the number
		return size(ctx, load, n)
	}
	if s.Program != nil {
		return probeProgram(ctx, load, s.Fit)
	}
	n, runs, fastest := 1, 0, time.Duration(math.MaxInt64)
	busy := time.Duration(0)
	for runs < often {
		took, err := direct(ctx, load, n)
		if err != nil {
			return r, err
		}
		busy += took
		if took < certain {
			n, runs, fastest = n*4, 0, math.MaxInt64
			continue
		}
		fastest = min(fastest, took)
		if runs++; took > longCertain {
			break
		}
	}
	r.Tasks, r.Subsample = harness.JobSize(fastest/time.Duration(n), s.Workers)
	if most := load.Most(); most > 0 {
		r.Tasks = min(r.Tasks, max(most, s.Workers))
	}
	sized, err := size(ctx, load, r.Tasks)
	sized.Subsample = r.Subsample
	sized.Busy += nanoseconds(busy)
	return sized, err
}

// probeProgram is like probeTask, for tasks that are runs of a user's program. Such tasks may take
// long and differ from input to input. So probeProgram starts with a small job and enlarges it step
// by step until it has the size that the argument f chooses.
func probeProgram(ctx context.Context, load workloads.Load, f harness.Fit) (r harness.Result, err error) {
	const step = 8 // largest factor between two jobs
	if err := load.Inputs(1); err != nil {
		return r, err
	}
	f.Inputs = load.Selection().Of
	limited, chosen := f.Left > 0, false
	for n := 1; ; {
		sized, err := size(ctx, load, n)
		if err != nil {
			return r, err
		}
		sized.Busy += r.Busy
		sized.Fitting, sized.Once = r.Fitting, r.Once
		r = sized
		if limited {
			f.Left = max(1, f.Left-time.Duration(r.Busy))
		}
		want, workers := f.Job(time.Duration(r.Work))
		if !chosen {
			r.Fitting, r.Once = workers, f.Once(time.Duration(want)*time.Duration(r.Work))
		}
		if chosen || want == n {
			r.Selection = load.Selection()
			r.Subsample = n < r.Selection.Of
			return r, nil
		}
		chosen = want < n
		n = min(want, step*n)
	}
}

// size runs one job of n tasks in the direct loop. The result r contains the number of tasks, the
// time of the job, the time per task, and the digest of the outcomes.
func size(ctx context.Context, load workloads.Load, n int) (r harness.Result, err error) {
	took, err := direct(ctx, load, n)
	if err != nil {
		return r, err
	}
	r.Tasks, r.Busy = n, nanoseconds(took)
	r.Work = nanoseconds(took) / float64(r.Tasks)
	r.Digest, err = load.Digest()
	return r, err
}

// direct runs the first n tasks of the load once in the direct loop, without an executor. It
// returns the time that the loop took.
func direct(ctx context.Context, load workloads.Load, n int) (time.Duration, error) {
	if err := load.Inputs(n); err != nil {
		return 0, err
	}
	began := time.Now()
	err := load.Direct(ctx)
	took := time.Since(began)
	if err != nil {
		return 0, fmt.Errorf("direct loop: %w", err)
	}
	return took, nil
}
