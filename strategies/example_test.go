package strategies_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

func length(_ context.Context, s string) (int, error) { return len(s), nil }
func invert(_ context.Context, n int) (int, error)    { return 12 / n, nil }
func square(_ context.Context, n int) (int, error)    { return n * n, nil }

func ExampleMap() {
	pool := strategies.Steal(0)
	defer pool.Close()
	out, err := strategies.Map(context.Background(), pool, []string{"which", "one", "pays", "off"}, length)
	fmt.Println(out, err)
	// Output: [5 3 4 3] <nil>
}

// If a task fails, the others still complete.
func ExampleMap_failures() {
	pool := strategies.Steal(2)
	defer pool.Close()
	out, err := strategies.Map(context.Background(), pool, []int{1, 0, 3}, invert)
	fmt.Println(out)
	var failed *strategies.JobError
	if errors.As(err, &failed) {
		for task := range failed.Failures() {
			fmt.Println(task)
		}
	}
	// Output:
	// [12 0 4]
	// task 1: panic: runtime error: integer divide by zero
}

func ExampleGo() {
	ctx := context.Background()
	pool := strategies.Pool(2)
	defer pool.Close()
	a, b := strategies.Go(ctx, pool, 4, square), strategies.Go(ctx, pool, 5, square)
	x, _ := a.Wait(ctx)
	y, _ := b.Wait(ctx)
	fmt.Println(x + y)
	// Output: 41
}

// Small tasks need fewer hand-overs if they are handed over in chunks. Guided chunks shrink towards
// the end of the job, so that no worker still runs a large chunk after the others have finished.
func ExampleOptions_chunk() {
	pool := strategies.Pool(2)
	defer pool.Close()
	k := strategies.NewKernel("square", square)
	for _, policy := range []chunk.Policy{chunk.Fixed(2), chunk.Guided{}, chunk.Auto{}} {
		out, err := k.Map(context.Background(), pool, []int{1, 2, 3, 4}, strategies.Options{Chunk: policy})
		fmt.Println(policy, out, err)
	}
	// Output:
	// 2 [1 4 9 16] <nil>
	// guided [1 4 9 16] <nil>
	// auto [1 4 9 16] <nil>
}

// In completion order, Results delivers each result with its task number.
func ExampleKernel_Results() {
	pool := strategies.Steal(2)
	defer pool.Close()
	sum := 0
	input := func(yield func(int) bool) {
		for i := range 10 {
			if !yield(i) {
				return
			}
		}
	}
	k := strategies.NewKernel("square", square)
	for r := range k.Results(context.Background(), pool, input, strategies.Options{Order: strategies.CompletionOrder}) {
		if r.Err == nil && r.Value == r.Task*r.Task {
			sum += r.Value
		}
	}
	fmt.Println(sum)
	// Output: 285
}
