package strategies_test

import (
	"context"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

// A Peer turns any pool with a submit function into an executor. The pool of this example is two
// goroutines that receive functions from a channel.
func Example_peer() {
	work := make(chan func())
	for range 2 {
		go func() {
			for run := range work {
				run()
			}
		}()
	}
	ex := inproc.Peer{
		Name:    "mine",
		Workers: 2,
		Submit:  func(run func()) error { work <- run; return nil },
		Close:   func() { close(work) },
	}.Executor()
	defer ex.Close()

	out, err := strategies.Map(context.Background(), ex, []int{1, 2, 3}, square)
	fmt.Println(out, err)
	// Output: [1 4 9] <nil>
}
