package launch

import (
	"context"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/workloads"
)

// certain is how long the direct loop must take for the work of a task to be known well
// enough to size a job.
const certain = 10 * time.Millisecond

// probe finds what a task takes alone, the size of the job, and the digest of its outputs.
func probe(ctx context.Context, load workloads.Load, s harness.Spec) (r harness.Result, err error) {
	var took time.Duration
	n := 1
	for runs := 1; ; runs++ {
		if took, err = direct(ctx, load, n); err != nil {
			return r, err
		}
		switch {
		case took >= certain && runs > 1: // the first was cold
			r.Tasks, r.Subsample = harness.JobSize(took/time.Duration(n), s.Workers)
			if took, err = direct(ctx, load, r.Tasks); err != nil {
				return r, err
			}
			r.Work = nanoseconds(took) / float64(r.Tasks)
			r.Digest, err = load.Digest()
			return r, err
		case took < certain:
			n *= 4
		}
	}
}

// direct runs the direct loop over the first n tasks.
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
