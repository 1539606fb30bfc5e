package strategiestest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

var optionRules = []rule{
	{"refused options", `Sizes that make no sense are refused by one validation, before any work, in
every entry point.`, 0, refusedOptions},
	{"refused workers", `A number of workers that makes no sense is refused.`, 0, refusedWorkers},
	{"options beyond it", `A strategy that cannot keep an option refuses it, by its name and the
option's.`, 0, optionsBeyond},
}

func refusedOptions(t *T) {
	ex := t.executor(1)
	g := t.gate()
	cases := []struct {
		option  string
		o       strategies.Options
		mapOnly bool
	}{
		{"chunk", strategies.Options{Chunk: chunk.Fixed(-1)}, false},
		{"window", strategies.Options{Window: -1}, false},
		{"window", strategies.Options{Window: strategies.MaxWindow + 1}, false},
		{"order", strategies.Options{Order: 99}, false},
		{"limit", strategies.Options{Limit: -1}, false},
		{"retries", strategies.Options{Retries: -1}, false},
		{"window", strategies.Options{Window: 10}, true},
		{"order", strategies.Options{Order: strategies.CompletionOrder}, true},
	}
	for _, c := range cases {
		for _, n := range []int{0, 3} {
			acts := g.markers(0, n)
			_, err := ActKernel.Map(context.Background(), ex, acts, c.o)
			t.refused("", c.option, err)
			err = ActKernel.MapInto(context.Background(), ex, acts, make([]Done, n), c.o)
			t.refused("", c.option, err)
			_, err = ActKernel.Go(context.Background(), ex, Act{}, c.o).Wait(context.Background())
			t.refused("", c.option, err)
			if !c.mapOnly {
				t.refused("", c.option, streamError(t, ex, ActKernel, acts, c.o))
			}
		}
	}
	err := ActKernel.MapInto(context.Background(), ex, g.markers(0, 3), make([]Done, 2), strategies.Options{})
	t.refused("", "out", err)
	empty := strategies.Kernel[Act, Done]{Name: ActKernel.Name}
	_, err = empty.Map(context.Background(), ex, g.markers(0, 3), strategies.Options{})
	t.refused("", "kernel", err)
	t.refused("", "kernel", streamError(t, ex, empty, g.markers(0, 3), strategies.Options{}))
	want(t, "tasks that ran", g.count(), 0)
}

// refused reports a failure unless err refuses the option.
func (t *T) refused(strategy, option string, err error) {
	t.t.Helper()
	var oe *strategies.OptionError
	if !errors.As(err, &oe) {
		t.Errorf("option %s: got %v, want an OptionError", option, err)
		return
	}
	want(t, "option that was refused", oe.Option, option)
	want(t, "strategy that refused it", oe.Strategy, strategy)
}

// streamError returns the error of a stream that is refused, which pulls nothing and
// delivers nothing but that error.
func streamError(t *T, ex strategies.Executor, k strategies.Kernel[Act, Done], acts []Act, o strategies.Options) (last error) {
	t.t.Helper()
	pulled := func(yield func(Act) bool) {
		t.Errorf("the input was pulled")
		slices.Values(acts)(yield)
	}
	n := 0
	for _, err := range k.Stream(context.Background(), ex, pulled, o) {
		n++
		last = err
	}
	want(t, "elements of a stream that was refused", n, 1)
	return last
}

func refusedWorkers(t *T) {
	for _, n := range []int{-1, work.MaxWorkers + 1} {
		c := t.config
		c.Workers = n
		ex, err := t.Strategy.New(context.Background(), c)
		var oe *strategies.OptionError
		if !errors.As(err, &oe) || oe.Option != "workers" {
			t.Errorf("%d workers: %v", n, err)
		}
		if ex != nil {
			t.Errorf("an executor with %d workers was made", n)
		}
	}
}

func optionsBeyond(t *T) {
	ex := t.executor(1)
	g := t.gate()
	can := t.Strategy.Capabilities
	cases := []struct {
		option string
		kept   bool
		o      strategies.Options
	}{
		{"limit", can.Limits, strategies.Options{Limit: time.Hour}},
		{"retries", can.Retries, strategies.Options{Retries: 1}},
	}
	for _, c := range cases {
		if c.kept {
			_, err := ActKernel.Map(context.Background(), ex, plain(3), c.o)
			t.ok(err)
			_, err = ActKernel.Go(context.Background(), ex, Act{}, c.o).Wait(context.Background())
			t.ok(err)
			continue
		}
		_, err := ActKernel.Map(context.Background(), ex, g.markers(0, 3), c.o)
		t.refused(t.Strategy.Name, c.option, err)
		t.refused(t.Strategy.Name, c.option, streamError(t, ex, ActKernel, g.markers(0, 3), c.o))
		_, err = ActKernel.Go(context.Background(), ex, Act{}, c.o).Wait(context.Background())
		t.refused(t.Strategy.Name, c.option, err)
	}
	want(t, "tasks that ran", g.count(), 0)
	t.healthy(ex, 1)
}
