package main

import (
	"context"
	"os"

	"github.com/payoff-bench/payoff/cmd/cli"
	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// processes is the strategy procs, whose workers have that part of this program's
// environment that kernels may need, and the folder for profiles.
func processes() strategies.Strategy { return processesOf(procs.Config{}) }

func processesOf(c procs.Config) strategies.Strategy {
	s := c.Strategy()
	s.New = func(ctx context.Context, told strategies.Config) (strategies.Executor, error) {
		c := c
		c.Process.Env = environment()
		return c.Strategy().New(ctx, told)
	}
	s.With = func(set strategies.Setting) (strategies.Strategy, error) {
		c, err := c.With(set)
		return processesOf(c), err
	}
	return s
}

// transports are those that reach a worker process on this system.
func transports() (words []cli.Word) {
	for _, t := range transport.All() {
		if _, err := (procs.Config{}).With(strategies.Setting{Transport: t.Name}); err == nil {
			words = append(words, cli.Word{Name: t.Name, Doc: t.Doc})
		}
	}
	return words
}

// starts are those that this program, which is no worker itself, has on this system.
func starts() (words []cli.Word) {
	for _, s := range procs.Starts() {
		if _, err := (procs.Config{}).With(strategies.Setting{Start: s.String()}); err == nil {
			words = append(words, cli.Word{Name: s.String(), Doc: s.Doc()})
		}
	}
	return words
}

func environment() (env []string) {
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", harness.ProfileEnv} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}
