package workloads

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// How a load runs as a stream, and what that shows of its order.

// Stream implements [Load].
func (t *Typed[In, Out]) Stream(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	return t.stream(ctx, ex, o, nil)
}

// Stamped implements [Load].
func (t *Typed[In, Out]) Stamped(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	return t.stream(ctx, ex, o, newStamps(t.tasks))
}

// stream runs a job as a stream, stamped unless s is nil.
func (t *Typed[In, Out]) stream(ctx context.Context, ex strategies.Executor, o strategies.Options, s *stamps) error {
	return t.job(o.Order == strategies.InputOrder, func() error {
		t.stamps, t.order = s, o.Order
		began := time.Now()
		if s != nil {
			s.began = began
		}
		if t.shape.Name != "" {
			return t.streamShaped(ctx, ex, o, began)
		}
		if native, ok := ex.(*catalog.Native); ok {
			return t.streamNatively(ctx, native, o, began)
		}
		n := 0
		for out, err := range outcomes(ctx, ex, t.Kernel, slices.Values(t.in), o, t.Number, s) {
			if err != nil {
				return err
			}
			if n == 0 {
				t.first = time.Since(began)
			}
			if n < len(t.out) {
				t.out[n] = out
			}
			n++
		}
		return t.all(n)
	})
}

// outcomes is a stream, stamped unless s is nil.
func outcomes[In, Out any](ctx context.Context, ex strategies.Executor, k strategies.Kernel[In, Out], in iter.Seq[In], o strategies.Options, number func(Out) (int, uint64), s *stamps) iter.Seq2[Out, error] {
	if s == nil {
		return k.Stream(ctx, ex, in, o)
	}
	return delivering(stamping(k, number, s).Stream(ctx, ex, in, o), number, s)
}

// streamNatively stores each outcome where its turn to be delivered puts it, as stream does.
func (t *Typed[In, Out]) streamNatively(ctx context.Context, native *catalog.Native, o strategies.Options, began time.Time) error {
	n := 0
	var first error
	k := t.Kernel
	if t.stamps != nil {
		k = stamping(k, t.Number, t.stamps)
	}
	err := native.RunStream(ctx, o, len(t.in), func(i int) func() {
		out, err := k.Func(ctx, t.in[i])
		return func() {
			if err != nil && first == nil {
				first = &strategies.TaskError{Task: i, Err: err}
			}
			if n == 0 {
				t.first = time.Since(began)
			}
			if t.stamps != nil {
				t.stamps.put(t.stamps.delivered, i)
			}
			if n < len(t.out) {
				t.out[n] = out
			}
			n++
		}
	})
	switch {
	case err != nil:
		return err
	case first != nil:
		return first
	}
	return t.all(n)
}

// withOrder adds what the last job, if it was a stream, showed of its order.
func (t *Typed[In, Out]) withOrder(values map[string]float64) map[string]float64 {
	if t.first == 0 {
		return values
	}
	if values == nil {
		values = map[string]float64{}
	}
	values[FirstUnit] = float64(t.first)
	if t.stamps != nil {
		maps.Copy(values, t.stamps.values(t.order))
	}
	return values
}
