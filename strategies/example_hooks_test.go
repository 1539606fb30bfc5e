package strategies_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// Options.Limit bounds the time of each task. A goroutine cannot be ended by force, so a task that
// ignores its context keeps its worker busy until it returns.
func ExampleOptions_limit() {
	pool := strategies.Pool(2)
	defer pool.Close()
	fetch := strategies.Kernel[string, int]{Func: func(ctx context.Context, from string) (int, error) {
		if from == "a dead host" {
			<-ctx.Done() // at the limit
			return 0, ctx.Err()
		}
		return len(from), nil
	}}
	out, err := fetch.Map(context.Background(), pool, []string{"near", "a dead host", "far away"}, strategies.Options{Limit: time.Second})
	var failed *strategies.JobError
	var late *strategies.TimeoutError
	fmt.Println(out, errors.As(err, &failed), errors.As(failed.Task(1), &late))
	// Output: [4 0 8] true true
}

// A job calls a hook for each task that completes. All hooks of the job run on one goroutine, so
// they need no lock.
func ExampleHooks() {
	pool := strategies.Pool(2)
	defer pool.Close()
	sum := 0
	hooks := &strategies.Hooks{
		Result: func(e strategies.Event) { sum += e.Output.(int) },
		Error:  func(e strategies.Event) { fmt.Println("failed:", e.Task) },
		Progress: func(p strategies.Progress) {
			if p.Done == p.Total {
				fmt.Println(p.Done, "done,", p.Failed, "failed")
			}
		},
	}
	strategies.NewKernel("invert", invert).Map(context.Background(), pool, []int{1, 0, 3}, strategies.Options{Hooks: hooks})
	fmt.Println("sum:", sum)
	// Output:
	// failed: 1
	// 3 done, 1 failed
	// sum: 16
}

// Counts returns the number of tasks in each state.
func ExampleCounts() {
	pool := strategies.Pool(2)
	defer pool.Close()
	strategies.Map(context.Background(), pool, []int{1, 0, 3}, invert)
	fmt.Printf("%+v\n", pool.Counts())
	// Output: {Submitted:3 Succeeded:2 Failed:1 Cancelled:0 Queued:0 Running:0 Lost:0}
}

// A program can compute the chunks of a job before any task runs, since a chunk policy is pure
// arithmetic. This example prints the chunks of 100 tasks for two workers.
func Example_chunks() {
	for _, policy := range []chunk.Policy{chunk.Fixed(40), chunk.Static{}, chunk.Guided{}, chunk.Factoring{}} {
		claim := chunk.Claim{Total: 100, Left: 100, Workers: 2}
		fmt.Print(policy, ":")
		for n := 0; claim.Left > 0 && n < 6; n++ {
			claim.Last = min(policy.Size(claim), claim.Left)
			claim.Left -= claim.Last
			fmt.Print(" ", claim.Last)
		}
		fmt.Println()
	}
	// Output:
	// 40: 40 40 20
	// static: 50 50
	// guided: 50 25 13 6 3 2
	// factoring: 25 25 13 13 7 7
}
