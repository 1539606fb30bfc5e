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
	"github.com/payoff-bench/payoff/workloads"
)

// Processes returns the strategy procs for this command. Its workers have the environment of the
// launch, so that kernels run under the same conditions in all strategies. If the launch is
// profiled, the workers write profiles of the same kind.
func Processes(c procs.Config) catalog.Strategy {
	s := c.Strategy()
	s.New = func(ctx context.Context, told catalog.Config) (strategies.Executor, error) {
		c := c
		c.Process.Env = harness.Inherited(os.Environ())
		c.Process.Profile, c.Process.ProfileKind = os.Getenv(harness.ProfileEnv), os.Getenv(harness.ProfileKindEnv)
		return c.Strategy().New(ctx, told)
	}
	s.With = func(set catalog.Setting) (catalog.Strategy, error) {
		c, err := c.With(set)
		return Processes(c), err
	}
	return s
}

// Kinds returns the lists of transports, starts and codecs that worker processes with configuration
// c can use.
func Kinds(c procs.Config) []Kind {
	return []Kind{
		{"transports", "transport", possible(c, transport.All(), func(t transport.Transport) (Word, catalog.Setting) {
			return Word{Name: t.Name, Doc: t.Doc}, catalog.Setting{Transport: t.Name}
		})},
		{"starts", "start", possible(c, procs.Starts(), func(s struct{ Name, Doc string }) (Word, catalog.Setting) {
			return Word{Name: s.Name, Doc: s.Doc}, catalog.Setting{Start: s.Name}
		})},
		{"codecs", "codec", words(append(append([]string{harness.PlainCodec}, codec.Names()...), workloads.Reference), func(name string) Word {
			if name == workloads.Reference {
				return Word{Name: name, Doc: "the place of bytes in memory that the processes share"}
			}
			return Word{Name: name, Doc: cmp.Or(codec.Doc(name), "the codec that the workload comes with")}
		})},
	}
}

// possible returns a function that returns a [Word] for each row of a table that this system
// supports. The function word converts a row to a Word and a setting. The system supports the row
// if worker processes with the configuration c accept this setting.
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
