package cli

import (
	"context"
	"os"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// Processes is the strategy procs, whose workers have that part of this program's
// environment that kernels may need, and the folder for profiles.
func Processes(c procs.Config) strategies.Strategy {
	s := c.Strategy()
	s.New = func(ctx context.Context, told strategies.Config) (strategies.Executor, error) {
		c := c
		c.Process.Env = environment()
		return c.Strategy().New(ctx, told)
	}
	s.With = func(set strategies.Setting) (strategies.Strategy, error) {
		c, err := c.With(set)
		return Processes(c), err
	}
	return s
}

// Transports returns those that reach a worker process on this system.
func Transports() (words []Word) {
	for _, t := range transport.All() {
		if _, err := (procs.Config{}).With(strategies.Setting{Transport: t.Name}); err == nil {
			words = append(words, Word{t.Name, t.Doc})
		}
	}
	return words
}

// Starts returns the ways in which a program that makes processes as c says can have its
// workers come to be on this system.
func Starts(c procs.Config) (words []Word) {
	for _, s := range procs.Starts() {
		if _, err := c.With(strategies.Setting{Start: s.String()}); err == nil {
			words = append(words, Word{s.String(), s.Doc()})
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
