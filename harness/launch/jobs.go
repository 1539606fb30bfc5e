package launch

import (
	"context"
	"fmt"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/workloads"
)

// jobs returns two functions. Each runs the job that the cell in s describes, on the executor ex.
// The function job is for timing. The function stamped also reads the clock at each outcome; it is
// nil unless the job is a stream.
func jobs(load workloads.Load, ex strategies.Executor, s harness.Spec) (job, stamped func(context.Context) error, err error) {
	c := s.Cell
	defer func() {
		if _, elsewhere := ex.(*catalog.Remote); elsewhere && err == nil {
			job, stamped = limited(job, s.Hung), nil
		}
	}()
	o, kind, err := options(c)
	switch {
	case err != nil:
		return nil, nil, err
	case kind == workloads.MapJob:
		return func(ctx context.Context) error { return load.Map(ctx, ex, o) }, nil, nil
	case kind == workloads.SingleJob:
		return func(ctx context.Context) error { return load.Single(ctx, ex) }, nil, nil
	}
	return func(ctx context.Context) error { return load.Stream(ctx, ex, o) },
		func(ctx context.Context) error { return load.Stamped(ctx, ex, o) }, nil
}

// options returns the options and the kind of the job that the cell c describes.
func options(c harness.Cell) (o strategies.Options, kind workloads.JobKind, err error) {
	if o.Chunk, err = chunk.Parse(string(c.Chunk)); err != nil {
		return o, kind, err
	}
	o.Window = c.Window
	switch c.Order {
	case harness.MapOrder:
		return o, workloads.MapJob, nil
	case harness.SingleOrder:
		return o, workloads.SingleJob, nil
	case harness.InputOrder:
		o.Order = strategies.InputOrder
	case harness.CompletionOrder:
		o.Order = strategies.CompletionOrder
	default:
		return o, kind, fmt.Errorf("unknown order %q", c.Order)
	}
	return o, workloads.StreamJob, nil
}
