package strategies_test

import (
	"context"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// Words are counted by workers that keep the counts of their words: no lock is needed,
// since equal words go to one worker.
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
	ex, err := strategies.ActorStrategy().New(ctx, strategies.Config{Workers: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ex.Close()
	seen, err := strategies.Map(ctx, ex, count, []string{"to", "be", "or", "not", "to", "be"}, strategies.Options{})
	fmt.Println(seen, err)
	// Output: [1 1 1 1 2 2] <nil>
}

// A thousand tasks wait at once on one goroutine.
func ExampleEvents() {
	square := func(i int) int { return i * i }
	later := strategies.Kernel[int, int]{
		Name: "later",
		Func: func(ctx context.Context, i int) (int, error) {
			return square(i), strategies.Wait(ctx, time.Millisecond)
		},
		Begin: func(_ context.Context, i int, ev *strategies.Events, done func(int, error)) {
			ev.After(time.Millisecond, func(err error) { done(square(i), err) })
		},
	}
	ctx := context.Background()
	ex, err := strategies.LoopStrategy().New(ctx, strategies.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ex.Close()
	out, err := strategies.Map(ctx, ex, later, make([]int, 1000), strategies.Options{})
	fmt.Println(len(out), err)
	// Output: 1000 <nil>
}
