package cli_test

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/cluster"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

const natsUser = "tester"

// natsServer implements the script command "nats". It starts a NATS server until the end of the script,
// and sets NATS to its URL and PASSWORD to the password of the user tester.
func natsServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: nats")
	}
	password := rand.Text()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true, Username: natsUser, Password: password})
	ts.Check(err)
	s.Start()
	ts.Defer(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(time.Minute) {
		ts.Fatalf("the NATS server does not start")
	}
	ts.Setenv("NATS", s.ClientURL())
	ts.Setenv("PASSWORD", password)
}

// remote implements the script command "remote N kernel". It waits until a worker of the NATS
// server of the script has a free slot, runs a job of the workload with this name on N slots, and
// checks its outputs.
func remote(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: remote N kernel")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	all := kernels.All()
	w := all[slices.IndexFunc(all, func(w workloads.Workload) bool { return w.Name == args[1] })]
	load, err := w.New(workloads.Params{Grain: 1000})
	ts.Check(err)
	defer load.Close()
	ts.Check(load.Inputs(64))
	ctx := context.Background()
	ts.Check(load.Direct(ctx))
	want, err := load.Digest()
	ts.Check(err)
	var x *cluster.Executor
	eventually(ts, args[0]+" slots", func() bool {
		x, err = cluster.New(ctx, cluster.Config{Workers: n, Options: cluster.Options{URL: ts.Getenv("NATS"), User: natsUser, Password: ts.Getenv("PASSWORD")}})
		if err == nil && x.Slots() < n {
			ts.Check(x.Close())
			return false
		}
		return err == nil
	})
	defer x.Close()
	ts.Check(load.Map(ctx, x, strategies.Options{}))
	if got, err := load.Digest(); err != nil || got != want {
		ts.Fatalf("the outputs differ from those of the direct loop, or %v", err)
	}
}
