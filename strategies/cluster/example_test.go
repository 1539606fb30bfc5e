package cluster_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/cluster"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire/json"
	"github.com/payoff-bench/payoff/strategies/work"
)

// This program runs on all hosts. With the argument "worker" it serves its kernel; without
// arguments it uses the workers.
func Example() {
	square := strategies.Kernel[int, int]{
		Name: "square", In: json.Of[int](), Out: json.Of[int](),
		Func: func(_ context.Context, n int) (int, error) { return n * n, nil },
	}
	worker.Main([]work.Callable{square}) // must come first in main, because worker processes run this program

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	options := cluster.Options{URL: "nats://10.0.0.1:4222", User: os.Getenv("NATS_USER"), Password: os.Getenv("NATS_PASSWORD")}
	if len(os.Args) == 2 && os.Args[1] == "worker" {
		if err := cluster.Serve(ctx, cluster.Worker{Options: options, Program: procs.Self()}); err != nil {
			log.Fatal(err)
		}
		return
	}
	x, err := cluster.New(ctx, cluster.Config{Options: options, Workers: 16})
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	squares, err := square.Map(ctx, x, []int{1, 2, 3}, strategies.Options{Retries: 1}) // a task of a lost host runs again once
	fmt.Println(squares, err)
}
