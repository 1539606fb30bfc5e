package workloads

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
)

// TestCaller checks that the work of the caller of a job overlaps with the tasks only if it should,
// and never in the direct loop.
func TestCaller(t *testing.T) {
	ex := strategies.Pool(1)
	defer ex.Close()
	for _, c := range []struct {
		name     string
		overlaps bool
		run      func(*load[int, int]) error
		waits    bool // whether the task waits for the caller
	}{
		{"map", true, func(l *load[int, int]) error { return l.Map(t.Context(), ex, strategies.Options{}) }, true},
		{"stream", true, func(l *load[int, int]) error { return l.Stream(t.Context(), ex, strategies.Options{}) }, true},
		{"single", true, func(l *load[int, int]) error { return l.Single(t.Context(), ex) }, true},
		{"map", false, func(l *load[int, int]) error { return l.Map(t.Context(), ex, strategies.Options{}) }, false},
		{"direct", true, func(l *load[int, int]) error { return l.Direct(t.Context()) }, false},
	} {
		called := make(chan struct{})
		var order []string
		l := numbers(t, 1, func(_ context.Context, i int) (int, error) {
			if c.waits {
				<-called // which is closed only if the caller works at the same time
			}
			order = append(order, "task")
			return i, nil
		})
		broken := errors.New("broken")
		l.Overlaps = c.overlaps
		l.Caller = func(_ context.Context, tasks int) error {
			if tasks != 1 {
				t.Errorf("%s: the caller of one task works for %d tasks", c.name, tasks)
			}
			if !c.waits {
				order = append(order, "caller")
			}
			close(called)
			return broken
		}
		if err := c.run(l); !errors.Is(err, broken) {
			t.Errorf("%s: got error %v, want that of the caller", c.name, err)
		}
		if want := []string{"task", "caller"}; !c.waits && !slices.Equal(order, want) {
			t.Errorf("%s: got order %v, want %v", c.name, order, want)
		}
	}
}
