package workloads

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// OpenWindow is how many tasks an open loop may hold at once: more than arrive, so that no
// arrival is delayed.
const OpenWindow = 1 << 17

// Open implements [Load].
func (l *load[In, Out]) Open(ctx context.Context, ex strategies.Executor, arrive iter.Seq[int], done func(arrival, worker int)) error {
	if _, native := ex.(*catalog.Native); native {
		return errors.New("a library in its own idiom runs whole jobs, so that none of its tasks arrives by itself")
	}
	if err := l.Map(ctx, ex, strategies.Options{}); err != nil {
		return err
	}
	values := make([]uint64, l.tasks) // of the outcome of each task
	for i, out := range l.last.out {
		_, values[i] = l.Number(out)
	}
	if _, err := l.Digest(); err != nil {
		return err
	}
	inputs := func(yield func(In) bool) {
		for arrival := range arrive {
			if !yield(l.in[arrival%l.tasks]) {
				return
			}
		}
	}
	o := strategies.Options{
		Order:  strategies.CompletionOrder,
		Window: OpenWindow,
		Hooks:  &strategies.Hooks{Result: func(e strategies.Event) { done(e.Task, e.Worker) }},
	}
	for out, err := range l.Kernel.Stream(ctx, ex, inputs, o) {
		if err != nil {
			return err
		}
		if i, value := l.Number(out); i < 0 || i >= l.tasks || values[i] != value {
			return fmt.Errorf("outcome of task %d in an open loop: not what it was in a closed one", i)
		}
	}
	return nil
}
