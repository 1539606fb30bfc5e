package workloads

import (
	"context"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

func TestStamps(t *testing.T) {
	for _, c := range []struct {
		name            string
		done, delivered []int64
		order           strategies.Order
		held, head      float64 // a head below 0 means that the stream has no such value
		tasks, used     float64
	}{
		{"in input order", []int64{10, 20}, []int64{12, 40}, strategies.InputOrder, 11, 0, 1, 1 - 26.0/40},
		{"with a slow first task", []int64{40, 10, 20}, []int64{50, 50, 50}, strategies.InputOrder, 80.0 / 3, 50.0 / 3, 3, 0},
		{"in completion order", []int64{40, 10, 20}, []int64{40, 10, 20}, strategies.CompletionOrder, 0, -1, 1, 1 - 70.0/3/40},
		{"with a failed task", []int64{0, 10}, []int64{0, 20}, strategies.InputOrder, 10, 0, 1, 0},
		{"with an outcome that was not delivered", []int64{5, 10}, []int64{0, 20}, strategies.InputOrder, 10, 0, 1, 0},
	} {
		s := stamps{done: c.done, delivered: c.delivered, order: c.order}
		got := s.values()
		want := map[string]float64{HeldUnit: c.held, HeldTasksUnit: c.tasks, AvailabilityUnit: c.used}
		if c.head >= 0 {
			want[HeadUnit] = c.head
		}
		for unit, v := range want {
			if d := got[unit] - v; len(got) != len(want) || d > 1e-9 || d < -1e-9 {
				t.Errorf("stream %s: wrong %s: got values %v, want %v", c.name, unit, got, want)
			}
		}
	}
	if got := (&stamps{done: make([]int64, 3), delivered: make([]int64, 3)}).values(); got != nil {
		t.Errorf("stream without times: got values %v, want none", got)
	}
}

// TestStamped checks the times of a stream whose first task waits for the last task. In input
// order, the first task must delay the delivery of all other outcomes.
func TestStamped(t *testing.T) {
	ex, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	const n = 8
	for _, o := range []strategies.Order{strategies.InputOrder, strategies.CompletionOrder} {
		last := make(chan bool)
		l := numbers(t, n, func(_ context.Context, i int) (int, error) {
			switch i {
			case 0:
				<-last
			case n - 1:
				close(last)
			}
			return i, nil
		})
		if err := l.Stamped(t.Context(), ex, strategies.Options{Order: o}); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Digest(); err != nil {
			t.Fatal(err)
		}
		v := l.Values()
		if v[FirstUnit] <= 0 || v[HeldUnit] <= 0 || v[AvailabilityUnit] < 0 || v[AvailabilityUnit] >= 1 {
			t.Errorf("%s order: wrong times in the values %v", o, v)
		}
		if head, ok := v[HeadUnit]; ok != (o == strategies.InputOrder) || ok && (head <= 0 || v[HeldTasksUnit] < n-1) {
			t.Errorf("%s order: got values %v; want a head-of-line time exactly in input order", o, v)
		}
	}
	l := numbers(t, n, same)
	for _, run := range []func() error{
		func() error { return l.Stream(t.Context(), ex, strategies.Options{}) },
		func() error { return l.Map(t.Context(), ex, strategies.Options{}) },
	} {
		want := 1 - len(l.Values()) // the first job, a stream, has one value; the second job, a map, has none
		if err := run(); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Digest(); err != nil || len(l.Values()) != want {
			t.Errorf("job without times of outcomes: got values %v, error %v", l.Values(), err)
		}
	}
}
