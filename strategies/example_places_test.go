package strategies_test

import (
	"context"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// The workers of an actor count words. Each worker keeps the counts of its own words without a
// lock, since equal words go to the same worker.
func ExampleLocal() {
	counts := &strategies.Local[map[string]int]{New: func() map[string]int { return map[string]int{} }}
	count := strategies.Kernel[string, int]{
		Name: "count",
		Key:  func(word string) uint64 { return uint64(word[0]) },
		Func: func(ctx context.Context, word string) (int, error) {
			mine := *counts.Of(ctx)
			mine[word]++
			return mine[word], nil
		},
	}
	ctx := context.Background()
	ex := strategies.Actor(3)
	defer ex.Close()
	seen, err := count.Map(ctx, ex, []string{"to", "be", "or", "not", "to", "be"}, strategies.Options{})
	fmt.Println(seen, err)
	// Output: [1 1 1 1 2 2] <nil>
}

// A thousand tasks wait at the same time on one goroutine.
func ExampleEvents() {
	later := strategies.Kernel[int, int]{
		Name: "later",
		Func: func(ctx context.Context, i int) (int, error) {
			return i * i, strategies.Wait(ctx, time.Millisecond)
		},
		Begin: func(_ context.Context, i int, ev strategies.Events, done func(int, error)) {
			ev.After(time.Millisecond, func(err error) { done(i*i, err) })
		},
	}
	ctx := context.Background()
	ex := strategies.Loop()
	defer ex.Close()
	out, err := later.Map(ctx, ex, make([]int, 1000), strategies.Options{})
	fmt.Println(len(out), err)
	// Output: 1000 <nil>
}
