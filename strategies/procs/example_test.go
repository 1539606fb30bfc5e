//go:build unix

package procs

import (
	"context"
	"expvar"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
)

// A program that serves /debug/vars publishes the counts of its workers.
func ExampleExecutor_Account() {
	ctx := context.Background()
	x, err := New(ctx, config(2))
	if err != nil {
		fmt.Println(err)
		return
	}
	expvar.Publish("workers", expvar.Func(func() any { return x.Account() }))
	fault.Map(ctx, x, []string{"a", "error", "kill", "b"}, strategies.Options{})
	x.Close()
	fmt.Println(expvar.Get("workers"))
	// Output: {"Submitted":4,"Succeeded":2,"Failed":2,"Cancelled":0,"Queued":0,"Running":0,"Lost":0,"Restarts":{"Lost":1,"Failed":0,"Limit":0,"Cancelled":0,"Tasks":0,"Age":0,"Memory":0},"Workers":0}
}
