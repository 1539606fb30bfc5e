//go:build unix

package procs

import (
	"context"
	"expvar"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/shared"
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

// Two tasks work on the halves of one buffer in place. Without Arena, or on a system without it, the
// program does the same by copying.
func ExampleExecutor_Buffer() {
	ctx := context.Background()
	c := config(2)
	c.Arena = 64 << 20
	x, err := New(ctx, c)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer x.Close()
	b, err := x.Buffer(ctx, 8192)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Free()
	all, _ := b.Bytes()
	clear(all) // a new buffer may have any bytes
	low, _ := b.Slice(0, 4096)
	high, _ := b.Slice(4096, 8192)
	out, err := touch.Map(ctx, x, []shared.Buffer{low, high}, strategies.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, o := range out {
		result, err := o.Bytes()
		fmt.Println(result[0], result[1], err)
	}
	// Output:
	// 1 0 <nil>
	// 1 0 <nil>
}
