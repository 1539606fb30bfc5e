package strategies_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
)

func ExampleWaitAll() {
	ex := newPool()
	defer ex.Close()
	ctx := context.Background()
	invert := strategies.Kernel[int, int]{Func: func(_ context.Context, n int) (int, error) { return 12 / n, nil }}
	var futures []*strategies.Future[int]
	for _, n := range []int{1, 0, 3} {
		futures = append(futures, strategies.Go(ctx, ex, invert, n))
	}
	out, err := strategies.WaitAll(ctx, futures)
	var failed *strategies.JobError
	fmt.Println(out, errors.As(err, &failed), failed.Tasks[0].Task)
	// Output: [12 0 4] true 1
}

// The first answer counts; the others are cancelled.
func ExampleWaitAny() {
	ex := newPool()
	defer ex.Close()
	ctx := context.Background()
	ask := strategies.Kernel[string, string]{Func: func(ctx context.Context, mirror string) (string, error) {
		if mirror == "slow" {
			<-ctx.Done() // never answers
			return "", ctx.Err()
		}
		return "answer of " + mirror, nil
	}}
	futures := []*strategies.Future[string]{strategies.Go(ctx, ex, ask, "slow"), strategies.Go(ctx, ex, ask, "fast")}
	first, _ := strategies.WaitAny(ctx, futures)
	for _, f := range futures {
		f.Cancel()
	}
	fmt.Println(futures[first].Wait(ctx))
	// Output: answer of fast <nil>
}

func ExampleAsCompleted() {
	ex := newPool()
	defer ex.Close()
	ctx := context.Background()
	bDone := make(chan struct{})
	work := strategies.Kernel[string, string]{Func: func(_ context.Context, name string) (string, error) {
		if name == "a" {
			<-bDone // a takes longer
		}
		return name, nil
	}}
	var futures []*strategies.Future[string]
	for _, name := range []string{"a", "b"} {
		futures = append(futures, strategies.Go(ctx, ex, work, name))
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

// Checks that all must pass: the first that fails decides.
func ExampleWaitFirstError() {
	ex := newPool()
	defer ex.Close()
	ctx := context.Background()
	check := strategies.Kernel[int, struct{}]{Func: func(_ context.Context, n int) (struct{}, error) {
		if n < 0 {
			return struct{}{}, fmt.Errorf("%d is negative", n)
		}
		return struct{}{}, nil
	}}
	var futures []*strategies.Future[struct{}]
	for n := range slices.Values([]int{3, 1, -4, 1}) {
		futures = append(futures, strategies.Go(ctx, ex, check, n))
	}
	fmt.Println(strategies.WaitFirstError(ctx, futures))
	// Output: task 2: -4 is negative
}
