package cli

import (
	"context"
	"os"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// Processes is the strategy procs, whose workers have that part of this program's
// environment that kernels may need, and the folder for profiles.
func Processes(c procs.Config) catalog.Strategy {
	s := c.Strategy()
	s.New = func(ctx context.Context, told catalog.Config) (strategies.Executor, error) {
		c := c
		c.Process.Env = environment()
		return c.Strategy().New(ctx, told)
	}
	s.With = func(set catalog.Setting) (catalog.Strategy, error) {
		c, err := c.With(set)
		return Processes(c), err
	}
	return s
}

// Kinds returns what can be listed of the setting of processes that are made as c says.
func Kinds(c procs.Config) []Kind {
	return []Kind{
		{"transports", "transport", func() []Word { return transports(c) }},
		{"starts", "start", func() []Word { return starts(c) }},
		{"codecs", "codec", codecs},
	}
}

// transports are those that reach a worker process on this system.
func transports(c procs.Config) (words []Word) {
	for _, t := range transport.All() {
		if _, err := c.With(catalog.Setting{Transport: t.Name}); err == nil {
			words = append(words, Word{t.Name, t.Doc})
		}
	}
	return words
}

// starts are the ways in which workers can come to be on this system, if the program makes
// them as c says.
func starts(c procs.Config) (words []Word) {
	for _, s := range procs.Starts() {
		if _, err := c.With(catalog.Setting{Start: s.Name}); err == nil {
			words = append(words, Word{s.Name, s.Doc})
		}
	}
	return words
}

// codecs are those that a workload can be given, if it has any but its own.
func codecs() []Word {
	words := []Word{{harness.PlainCodec, "what the workload comes with"}}
	for _, name := range codec.Names() {
		words = append(words, Word{name, codec.Doc(name)})
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
