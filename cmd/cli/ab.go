package cli

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/ab"
	"github.com/payoff-bench/payoff/harness/compare"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/suite"
)

// An abChoice holds the values of the flags of payoff ab.
type abChoice struct {
	what       ab.What
	base, head string
	seed       uint32
	budget     time.Duration
	margin     string
	units      []string
	out, from  string
	format     string
	strict     bool
	wait       bool
}

func (p Program) abCommand() *cobra.Command {
	var ch abChoice
	c := &cobra.Command{
		Use:   "ab --base X --head Y (--bench regexp | --suite name | --command) [flags]\n  " + filepath.Base(self()) + " ab --resume folder [flags]",
		Short: "Compare two programs in one interleaved run",
		Long: `Ab compares two programs, --base X and --head Y. It reports whether Y, the head, is slower
than X, the base. It measures both in one run. Each round launches base, base again and
head in random order, each in a fresh process, and gives the ratio head/base. So changes
of the machine between rounds do not affect the ratios. The second launch of base shows
how much equal programs differ in this run.

With --bench, X and Y are test binaries (go test -c). Each launch runs one benchmark
with a fixed number of operations, in the folder --dir. With --suite, X and Y are payoff
or programs like it; each launch measures a cell of the suite. With --command, X and Y are
commands, split at blanks outside quotes, and timed as whole processes. With --rev, X and
Y are git revisions of the repository here: ab builds the test binary of the package
--pkg, or payoff, in temporary worktrees.

payoff stops measuring a benchmark when its verdict is clear or its ratio is known to
±1 %, after at least 6 rounds. The run ends when it measures no benchmark any more, or at
--budget. Better and worse mean that head differs from base by more than --margin at the
level 0.005, for all benchmarks together (Holm). The difference must also show
  - against the second launch of base,
  - without the launches that other work disturbed, and
  - in the CPU time, if the benchmark computes.

Only the time of an operation (ns/op) and the units of --unit decide the exit status. The
other units, such as B/op and allocs/op, have rows too. A count that never varies is
compared exactly.

The folder of the run has one file for each side, which benchstat reads:
  benchstat DIR/base/samples.txt DIR/head/samples.txt

Exit status: 0 nothing is worse; 1 something is worse; 2 wrong usage or input; 3 the run was
interrupted, or a benchmark failed, has fewer than 6 rounds or is missing in head; with
--strict also if a benchmark is unresolved or only in head.`,
		Example: `  go test -c -o new.test ./mypackage        # and old.test from the old version
  payoff ab --base old.test --head new.test --bench . --dir mypackage
  payoff ab --rev --base main --head HEAD --pkg ./mypackage --bench . --budget 10m
  payoff ab --base old/payoff --head new/payoff --suite smoke
  payoff ab --command --base 'gzip -k -c a.txt' --head 'gzip -k -1 -c a.txt'
  payoff ab --resume results/20261130-170000-ab --budget 5m
  payoff ab --resume results/20261130-170000-ab --budget 0 --format md`,
		Args: atMost(0, "flags only: --base X --head Y"),
		RunE: draining(func(c *cobra.Command, _ []string) error {
			if err := ch.check(c); err != nil {
				return err
			}
			if ch.from != "" && ch.budget == 0 {
				return printAB(c, ch)
			}
			release, err := p.hold(c, ch.wait)
			if err != nil {
				return &statusError{Unresolved, err}
			}
			defer release()
			if err := lookAround(c, 0); err != nil {
				return err
			}
			return p.ab(c, ch)
		}),
	}
	f := c.Flags()
	f.StringVar(&ch.base, "base", "", "`program`, command or revision to compare with")
	f.StringVar(&ch.head, "head", "", "`program`, command or revision that must not be worse")
	f.StringVar(&ch.what.Bench, "bench", "", "compare the benchmarks of test binaries that match the `regexp`, as in go test -bench")
	f.StringVar(&ch.what.Suite, "suite", "", "compare the cells of the `suite`, a name or a .toml file")
	f.StringVarP(&ch.what.Filter, "filter", "f", "", "only cells of the suite that match `key:value ...`")
	f.BoolVar(&ch.what.Command, "command", false, "compare two commands")
	f.BoolVar(&ch.what.Revisions, "rev", false, "base and head are git revisions, which ab builds first")
	f.StringVar(&ch.what.Build, "pkg", "", "`package` to build for --rev (default: payoff for --suite, . for --bench)")
	f.StringVar(&ch.what.Dir, "dir", "", "`folder` in which test binaries and commands run (default: the current folder, or that of the package with --rev)")
	f.IntVar(&ch.what.Procs, "procs", runtime.GOMAXPROCS(0), "`number` of cores (GOMAXPROCS) that benchmarks use")
	f.Uint32Var(&ch.seed, "seed", 0, "`number` that determines the order of launches (default: random, and recorded)")
	f.DurationVar(&ch.budget, "budget", 5*time.Minute, "`time` after which the run ends; for a resumed run, counted from when it was resumed; with --resume, 0 only prints the result")
	f.StringVar(&ch.margin, "margin", "2%", "`share` within which a ratio counts as equivalent")
	f.StringSliceVar(&ch.units, "unit", nil, "additional `unit` that decides, such as allocs/op; may be repeated")
	f.StringVarP(&ch.out, "out", "o", "", "`folder` for the run, new or empty (default: results/<time>-ab)")
	f.StringVar(&ch.from, "resume", "", "`folder` of a run to continue, with the same programs and machine")
	f.StringVar(&ch.format, "format", "text", "`format` of the result: "+strings.Join(compare.Formats(), ", "))
	f.BoolVar(&ch.strict, "strict", false, "exit with status 3 if a benchmark is unresolved or missing on one side")
	f.BoolVar(&ch.wait, "wait", false, "if another run is measuring this machine, wait until it ends")
	for _, name := range []string{"bench", "filter", "pkg", "procs", "seed", "budget", "margin", "unit"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(compare.Formats(), cobra.ShellCompDirectiveNoFileComp))
	c.RegisterFlagCompletionFunc("suite", p.completeSuites)
	c.MarkFlagDirname("resume")
	c.MarkFlagDirname("dir")
	return c
}

// check returns an error if a flag of payoff ab is invalid or missing, or if flags contradict each
// other. It also sets defaults that depend on other flags.
func (ch *abChoice) check(c *cobra.Command) error {
	if !slices.Contains(compare.Formats(), ch.format) {
		return misuse("--format: %w", &harness.UnknownError{Kind: "format", Name: ch.format, Have: compare.Formats()})
	}
	if err := between("budget", ch.budget, time.Second, suite.MaxBudget); err != nil && (ch.from == "" || ch.budget != 0) {
		return err
	}
	if _, err := parseShare("margin", ch.margin); err != nil {
		return err
	}
	if ch.from != "" {
		for _, name := range []string{"base", "head", "bench", "suite", "filter", "command", "rev", "pkg", "dir", "procs", "seed", "margin", "unit", "out"} {
			if c.Flags().Changed(name) {
				return misuse("--resume continues with the programs and settings of the run; remove --%s", name)
			}
		}
		return nil
	}
	if ch.base == "" || ch.head == "" {
		return misuse("name both programs: --base X --head Y compares Y with X")
	}
	kinds := 0
	for _, name := range []string{"bench", "suite", "command"} {
		if c.Flags().Changed(name) {
			kinds++
		}
	}
	if kinds != 1 {
		return misuse("ab needs exactly one of --bench, --suite and --command; the command line has %d", kinds)
	}
	for _, rule := range []struct {
		flag, with string
		ok         bool
	}{
		{"rev", "--bench or --suite", !ch.what.Command},
		{"pkg", "--rev", ch.what.Revisions},
		{"filter", "--suite", ch.what.Suite != ""},
		{"dir", "--bench without --rev, or --command", ch.what.Suite == "" && !ch.what.Revisions},
		{"procs", "--bench", ch.what.Bench != ""},
	} {
		if c.Flags().Changed(rule.flag) && !rule.ok {
			return misuse("--%s needs %s; add it, or remove --%[1]s", rule.flag, rule.with)
		}
	}
	if ch.what.Bench == "" {
		ch.what.Procs = 0
	} else if err := between("procs", ch.what.Procs, 1, 1<<16); err != nil {
		return err
	}
	for i, unit := range ch.units {
		if unit == "sec/op" || unit == "" {
			ch.units[i] = harness.UnitOp
		}
	}
	return nil
}

// abCounts returns a line with two numbers: the benchmarks that both programs have, which the run
// measures, and the benchmarks that only one of them has.
func abCounts(benches []ab.Bench, missing []ab.Missing) string {
	text := format.Count(len(benches), "benchmark") + " on both sides"
	if len(missing) > 0 {
		text += fmt.Sprintf(", %d on one side only", len(missing))
	}
	return text
}
