package strategies_test

import (
	"context"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
)

// A pool that somebody else wrote becomes an executor by its submit function: here a
// channel of functions that two goroutines work off.
func ExamplePeer() {
	work := make(chan func())
	for range 2 {
		go func() {
			for run := range work {
				run()
			}
		}()
	}
	ex := strategies.Peer{
		Name:    "mine",
		Workers: 2,
		Submit:  func(run func()) error { work <- run; return nil },
		Close:   func() { close(work) },
	}.Executor()
	defer ex.Close()

	square := strategies.Kernel[int, int]{Func: func(_ context.Context, i int) (int, error) { return i * i, nil }}
	out, err := strategies.Map(context.Background(), ex, square, []int{1, 2, 3}, strategies.Options{})
	fmt.Println(out, err)
	// Output: [1 4 9] <nil>
}
