package strategies_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
)

func ExampleWaitAll() {
	pool := strategies.Pool(2)
	defer pool.Close()
	ctx := context.Background()
	var futures []*strategies.Future[int]
	for _, n := range []int{1, 0, 3} {
		futures = append(futures, strategies.Go(ctx, pool, n, invert))
	}
	out, err := strategies.WaitAll(ctx, futures)
	fmt.Println(out, err)
	// Output: [12 0 4] task 1: panic: runtime error: integer divide by zero
}

// The first answer wins, and the other tasks are cancelled.
func ExampleWaitAny() {
	pool := strategies.Pool(2)
	defer pool.Close()
	ctx := context.Background()
	ask := func(ctx context.Context, mirror string) (string, error) {
		if mirror == "slow" {
			<-ctx.Done() // never answers
			return "", ctx.Err()
		}
		return "answer of " + mirror, nil
	}
	futures := []*strategies.Future[string]{strategies.Go(ctx, pool, "slow", ask), strategies.Go(ctx, pool, "fast", ask)}
	first, _ := strategies.WaitAny(ctx, futures)
	for _, f := range futures {
		f.Cancel()
	}
	fmt.Println(futures[first].Wait(ctx))
	// Output: answer of fast <nil>
}

func ExampleAsCompleted() {
	pool := strategies.Pool(2)
	defer pool.Close()
	ctx := context.Background()
	bDone := make(chan struct{})
	work := func(_ context.Context, name string) (string, error) {
		if name == "a" {
			<-bDone // a takes longer
		}
		return name, nil
	}
	var futures []*strategies.Future[string]
	for _, name := range []string{"a", "b"} {
		futures = append(futures, strategies.Go(ctx, pool, name, work))
	}
	for i, f := range strategies.AsCompleted(ctx, futures) {
		name, err := f.Wait(ctx)
		fmt.Println(i, name, err)
		if name == "b" {
			close(bDone)
		}
	}
	// Output:
	// 1 b <nil>
	// 0 a <nil>
}

// WaitFirstError returns the error of the first check that fails.
func ExampleWaitFirstError() {
	pool := strategies.Pool(2)
	defer pool.Close()
	ctx := context.Background()
	check := func(_ context.Context, n int) (struct{}, error) {
		if n < 0 {
			return struct{}{}, fmt.Errorf("%d is negative", n)
		}
		return struct{}{}, nil
	}
	var futures []*strategies.Future[struct{}]
	for n := range slices.Values([]int{3, 1, -4, 1}) {
		futures = append(futures, strategies.Go(ctx, pool, n, check))
	}
	fmt.Println(strategies.WaitFirstError(ctx, futures))
	// Output: task 2: -4 is negative
}
