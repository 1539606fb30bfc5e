package peers_test

import (
	"context"
	"errors"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/peers"
)

// A native strategy runs only its own kind of job, map or stream, and refuses all options.
func TestNativeRefuses(t *testing.T) {
	each(t, func(t *testing.T, l peers.Library) {
		n := native(l, 2)
		k := strategies.Kernel[int, int]{Func: func(_ context.Context, i int) (int, error) { return i, nil }}
		if _, err := k.Map(t.Context(), n, []int{1}, strategies.Options{}); !errors.Is(err, catalog.ErrIdiom) {
			t.Errorf("Map: %v", err)
		}
		refused := func(option string, err error) {
			t.Helper()
			var oe *strategies.OptionError
			if !errors.As(err, &oe) || oe.Option != option || oe.Strategy != l.Native.Name {
				t.Errorf("option %s: %v", option, err)
			}
		}
		task := func(int) error { t.Error("a task ran"); return nil }
		deliver := func(int) func() { t.Error("a task ran"); return func() {} }
		for option, o := range map[string]strategies.Options{
			"chunk":    {Chunk: chunk.Fixed(2)},
			"window":   {Window: 5},
			"failfast": {FailFast: true},
			"limit":    {Limit: 1},
		} {
			if n.Map != nil {
				refused(option, n.RunMap(t.Context(), o, 3, task))
			} else {
				refused(option, n.RunStream(t.Context(), o, 3, deliver))
			}
		}
		if n.Map != nil {
			refused("order", n.RunStream(t.Context(), strategies.Options{}, 3, deliver))
		} else {
			refused("order", n.RunMap(t.Context(), strategies.Options{}, 3, task))
			refused("order", n.RunStream(t.Context(), strategies.Options{Order: strategies.CompletionOrder}, 3, deliver))
		}
		var none context.Context
		var oe *strategies.OptionError
		for what, err := range map[string]error{
			"negative number":  run(t.Context(), n, -1, task),
			"run without ctx":  run(none, n, 3, task),
			"stop without ctx": n.Stop(none),
		} {
			if !errors.As(err, &oe) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := n.Close(); err != nil {
			t.Error(err)
		}
		if err := run(t.Context(), n, 3, task); !errors.Is(err, strategies.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		if err := n.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
