package strategies_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// A limit is each task's own. A goroutine cannot be ended by force: a task that does not
// listen to its context holds its worker until it returns.
func ExampleOptions_limit() {
	ex := newPool()
	defer ex.Close()
	fetch := strategies.Kernel[string, int]{Func: func(ctx context.Context, from string) (int, error) {
		if from == "a dead host" {
			<-ctx.Done() // at the limit
			return 0, ctx.Err()
		}
		return len(from), nil
	}}
	out, err := strategies.Map(context.Background(), ex, fetch, []string{"near", "a dead host", "far away"}, strategies.Options{Limit: time.Second})
	var failed *strategies.JobError
	var late *strategies.TimeoutError
	fmt.Println(out, errors.As(err, &failed), errors.As(failed.Task(1), &late))
	// Output: [4 0 8] true true
}

// Hooks are told of each task as it completes, on a goroutine of their own.
func ExampleHooks() {
	ex := newPool()
	defer ex.Close()
	invert := strategies.Kernel[int, int]{Func: func(_ context.Context, n int) (int, error) { return 12 / n, nil }}
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
	strategies.Map(context.Background(), ex, invert, []int{1, 0, 3}, strategies.Options{Hooks: hooks})
	fmt.Println("sum:", sum)
	// Output:
	// failed: 1
	// 3 done, 1 failed
	// sum: 16
}

// What has become of all tasks of an executor.
func ExampleCounts() {
	ex := newPool()
	defer ex.Close()
	invert := strategies.Kernel[int, int]{Func: func(_ context.Context, n int) (int, error) { return 12 / n, nil }}
	strategies.Map(context.Background(), ex, invert, []int{1, 0, 3}, strategies.Options{})
	fmt.Printf("%+v\n", ex.(strategies.Counter).Counts())
	// Output: {Submitted:3 Succeeded:2 Failed:1 Cancelled:0 Running:0 Lost:0}
}

// Choosing a chunk policy is arithmetic, which can be looked at before anything runs: here,
// how 100 tasks are cut for two workers.
func ExampleChunk() {
	for _, policy := range []strategies.Chunk{strategies.Fixed(40), strategies.Static{}, strategies.Guided{}, strategies.Factoring{}} {
		claim := strategies.Claim{Total: 100, Left: 100, Workers: 2}
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
