package main

import (
	"context"
	"os"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/procs"
)

// processes is the strategy procs, whose workers have that part of this program's
// environment that kernels may need, and the folder for profiles.
func processes() strategies.Strategy {
	s := procs.Strategy()
	s.New = func(ctx context.Context, c strategies.Config) (strategies.Executor, error) {
		return procs.Config{Process: procs.Process{Env: environment()}}.Strategy().New(ctx, c)
	}
	return s
}

func environment() (env []string) {
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", harness.ProfileEnv} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}
