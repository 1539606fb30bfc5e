package launch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/workloads"
)

// A probe measures the time of a task in the direct loop. It runs the loop several times (often),
// each time with enough tasks to take at least the time certain. The fastest time counts:
// disturbances only make the loop slower, and a job should have the same size in every run.
const (
	certain     = 10 * time.Millisecond
	longCertain = time.Second // after a repetition that takes longer, the probe ends
	often       = 3
)

// A prober runs the jobs of a probe. A probe measures one task, to choose the number of tasks in a
// job.
type prober struct {
	load workloads.Load
	loop strategies.Executor // in place of the direct loop; nil if there is none
}

// probeElsewhere probes a task of another program, such as Python. There the strategy st, a serial
// loop of that program, takes the place of the direct loop.
func probeElsewhere(ctx context.Context, load workloads.Load, s harness.Spec, st catalog.Strategy) (r harness.Result, err error) {
	ex, err := st.New(ctx, catalog.Config{Workers: 1, Python: s.Python})
	if err != nil {
		return r, fmt.Errorf("strategy %s: %w", st.Name, err)
	}
	defer func() { err = errors.Join(err, ex.Close()) }()
	return prober{load, ex}.task(ctx, s)
}

// task measures the time of one task in the direct loop. From this time it chooses the number of
// tasks in a job; see [harness.JobSize]. Then it runs such a job in the direct loop, to get the
// digest of the outputs.
func (p prober) task(ctx context.Context, s harness.Spec) (r harness.Result, err error) {
	if n := s.Cell.Tasks; n > 0 { // the cell sets the number
		return p.size(ctx, n)
	}
	if s.Program != nil {
		return p.program(ctx, s.Fit)
	}
	n, runs, fastest := 1, 0, time.Duration(math.MaxInt64)
	busy := time.Duration(0)
	for runs < often {
		took, err := p.direct(ctx, n)
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
	if most := p.load.Most(); most > 0 {
		r.Tasks = min(r.Tasks, max(most, s.Workers))
	}
	sized, err := p.size(ctx, r.Tasks)
	sized.Subsample = r.Subsample
	sized.Busy += nanoseconds(busy)
	return sized, err
}

// program is like task, for tasks that run a user's program. Such tasks may take long and differ
// from input to input. So program starts with a small job and enlarges it step by step, up to the
// size that the rule f chooses.
func (p prober) program(ctx context.Context, f harness.Fit) (r harness.Result, err error) {
	const step = 8 // largest factor between two jobs
	load := p.load
	if err := load.Inputs(1); err != nil {
		return r, err
	}
	f.Inputs = load.Selection().Of
	limited, chosen := f.Left > 0, false
	for n := 1; ; {
		sized, err := p.size(ctx, n)
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

// size runs a job of n tasks once in the direct loop. It returns the number of tasks, the time per
// task and the digest of the outputs. If another program runs the loop, size compares its outputs
// with those of the direct loop in this program, and returns an error if they differ. It skips this
// check if this program does not have the kernel.
func (p prober) size(ctx context.Context, n int) (r harness.Result, err error) {
	took, err := p.direct(ctx, n)
	if err != nil {
		return r, err
	}
	r.Tasks, r.Busy = n, nanoseconds(took)
	r.Work = nanoseconds(took) / float64(r.Tasks)
	r.Digest, err = p.load.Digest()
	if err != nil || p.loop == nil {
		return r, err
	}
	elsewhere := r.Digest
	if err := p.load.Direct(ctx); errors.Is(err, workloads.ErrElsewhere) {
		return r, nil
	} else if err != nil {
		return r, fmt.Errorf("direct loop: %w", err)
	}
	if r.Digest, err = p.load.Digest(); err == nil && r.Digest != elsewhere {
		err = fmt.Errorf("the loop in the other program and the direct loop in this program have different outputs: %w", &harness.DigestError{Got: elsewhere, Want: r.Digest})
	}
	return r, err
}

// direct runs the first n tasks of the load once in the direct loop, without an executor. It
// returns the time that the loop took.
func (p prober) direct(ctx context.Context, n int) (time.Duration, error) {
	if err := p.load.Inputs(n); err != nil {
		return 0, err
	}
	began := time.Now()
	var err error
	if p.loop == nil {
		err = p.load.Direct(ctx)
	} else {
		err = p.load.Map(ctx, p.loop, strategies.Options{})
	}
	took := time.Since(began)
	if p.loop != nil {
		took, _ = p.load.Took()
	}
	if err == nil {
		_, err = p.load.Digest() // each job ends with its digest, which also resets state that tasks share
	}
	if err != nil {
		return 0, fmt.Errorf("direct loop: %w", err)
	}
	return took, nil
}
