package cli

import (
	"cmp"
	"context"
	"os"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// Processes is the strategy procs, whose workers have the part of this program's
// environment that kernels may need, and leave CPU profiles where a profiled launch does.
func Processes(c procs.Config) catalog.Strategy {
	s := c.Strategy()
	s.New = func(ctx context.Context, told catalog.Config) (strategies.Executor, error) {
		c := c
		c.Process.Env, c.Process.Profile = environment(), os.Getenv(harness.ProfileEnv)
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
		{"transports", "transport", possible(c, transport.All(), func(t transport.Transport) (Word, catalog.Setting) {
			return Word{Name: t.Name, Doc: t.Doc}, catalog.Setting{Transport: t.Name}
		})},
		{"starts", "start", possible(c, procs.Starts(), func(s struct{ Name, Doc string }) (Word, catalog.Setting) {
			return Word{Name: s.Name, Doc: s.Doc}, catalog.Setting{Start: s.Name}
		})},
		{"codecs", "codec", words(append([]string{harness.PlainCodec}, codec.Names()...), func(name string) Word {
			return Word{Name: name, Doc: cmp.Or(codec.Doc(name), "what the workload comes with")}
		})},
	}
}

// possible returns a function that returns a word for each row whose setting processes can
// have on this system, where they are made as c says.
func possible[T any](c procs.Config, table []T, word func(T) (Word, catalog.Setting)) func() ([]Word, error) {
	return func() (all []Word, _ error) {
		for _, row := range table {
			w, set := word(row)
			if _, err := c.With(set); err == nil {
				all = append(all, w)
			}
		}
		return all, nil
	}
}

func environment() (env []string) {
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}
