package workloads

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// Open implements [Load].
func (t *Typed[In, Out]) Open(ctx context.Context, ex strategies.Executor, arrive iter.Seq[int], done func(arrival, worker int)) error {
	if _, native := ex.(*catalog.Native); native {
		return errors.New("a library in its own idiom runs whole jobs, so that none of its tasks arrives by itself")
	}
	if err := t.Map(ctx, ex, strategies.Options{}); err != nil {
		return err
	}
	values := make([]uint64, len(t.out)) // that the outcome of each task has
	for i, out := range t.out {
		_, values[i] = t.Number(out)
	}
	if _, err := t.Digest(); err != nil {
		return err
	}
	inputs := func(yield func(In) bool) {
		for arrival := range arrive {
			if !yield(t.in[arrival%len(t.in)]) {
				return
			}
		}
	}
	o := strategies.Options{
		Order:  strategies.CompletionOrder,
		Window: OpenWindow,
		Hooks:  &strategies.Hooks{Result: func(e strategies.Event) { done(e.Task, e.Worker) }},
	}
	for out, err := range t.Kernel.Stream(ctx, ex, inputs, o) {
		if err != nil {
			return err
		}
		if i, value := t.Number(out); i < 0 || i >= len(values) || values[i] != value {
			return fmt.Errorf("outcome of task %d in an open loop: not what it was in a closed one", i)
		}
	}
	return nil
}

// OpenWindow is how many tasks may be under way in an open loop, and wait: more than arrive
// in one, so that who makes them arrive is never held up.
const OpenWindow = 1 << 17
