package trial_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// falsely is the largest acceptable share of wrong verdicts.
const falsely = 0.05

// Prefixes of strategy names: equal strategies, and strategies that are slower by a known share.
const (
	same = "same"
	late = "late"
)

// A trial is a test of payoff: a suite, the flags for its runs, and a judgement of the runs'
// verdicts.
type trial struct {
	name, suite string
	flags       []string
	judge       func(map[string]tally) error
}

// aa returns the trial of strategies that are equal. payoff should find no difference.
func aa() trial {
	return trial{
		name:  "aa",
		suite: suite("Are equal strategies found to be equal?", "same-1", "same-2", "same-3", "same-4", "same-5"),
		flags: []string{"--rounds", "6"},
		judge: func(tallies map[string]tally) error {
			t := tallies[same]
			fmt.Printf("equal strategies: %v\npayoff calls %.1f %% of the pairs better or worse; at most %.0f %% are acceptable\n", t, 100*t.claimed(), 100*falsely)
			switch {
			case len(t) < 200:
				return fmt.Errorf("%d pairs are too few; make more runs: 200 pairs are needed", len(t))
			case t.claimed() > falsely:
				return errors.New("payoff finds too many differences between equal strategies")
			}
			return nil
		},
	}
}

// planted returns the trial of strategies that are slower by known shares. payoff should find these
// differences.
func planted() trial {
	return trial{
		name:  "planted",
		suite: suite("Are slower strategies found to be slower?", "same-1", "late-1", "late-5"),
		flags: []string{"--budget", "50s"},
		judge: func(tallies map[string]tally) error {
			five, one := tallies["late-5"], tallies["late-1"]
			found := five.share(analyze.Worse)
			fmt.Printf("5 %% slower: %v\n1 %% slower: %v\npayoff calls 5 %% slower worse in %.0f %% of the runs; at least 90 %% are required\npayoff calls 1 %% slower worse or better in %.0f %% of the runs; at most %.0f %% are acceptable\n",
				five, one, 100*found, 100*one.claimed(), 100*falsely)
			switch {
			case found < 0.9:
				return errors.New("payoff misses the slowdown of 5 % too often")
			case one.claimed() > falsely:
				return errors.New("payoff reports the slowdown of 1 %, which is below the margin, too often")
			}
			return nil
		},
	}
}

// suite returns a suite with one block of the given strategies. Its tasks are so long that overhead
// does not matter.
func suite(question string, names ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "question = %q\nrounds = 6\nmin-time = \"50ms\"\n\n[[block]]\nworkload = \"spin\"\ngrain = [20_000]\n", question)
	for _, name := range names {
		fmt.Fprintf(&b, "\n[[block.cell]]\nstrategy = %q\n", name)
	}
	return b.String()
}

// run makes the missing runs and judges all runs.
func (t trial) run() error {
	self, err := os.Executable()
	if err == nil {
		err = os.MkdirAll(*out, 0o777)
	}
	if err != nil {
		return err
	}
	suite := filepath.Join(*out, t.name+".toml")
	if err := os.WriteFile(suite, []byte(t.suite), 0o666); err != nil {
		return err
	}
	tallies := map[string]tally{}
	for i := range *runs {
		dir, info, samples, err := made(i, self, append([]string{suite}, t.flags...)...)
		if err != nil {
			return err
		}
		if !count(tallies, analyze.New(info, samples, analyze.Settings{}), info.Spent.Wall.Seconds()) {
			return fmt.Errorf("the run in %s compares no pair of strategies of the trial", dir)
		}
	}
	return t.judge(tallies)
}

// A pair is a run's comparison of two strategies, with the time that the run took.
type pair struct {
	analyze.Comparison
	seconds float64
}

// A tally is the list of pairs of strategies with the same name, from all runs.
type tally []pair

// count adds the pairs of a run to tallies, keyed by name: all pairs of equal strategies, and each
// slower strategy with each equal one. It reports whether the run has such a pair. The argument
// seconds is the time of the run.
func count(tallies map[string]tally, a *analyze.Analysis, seconds float64) (found bool) {
	for _, q := range a.Questions() {
		for _, base := range q.Rows {
			for _, row := range q.Rows {
				name, b := row.Cell.Strategy, base.Cell.Strategy
				switch {
				case !strings.HasPrefix(b, same):
					continue
				case strings.HasPrefix(name, same) && name > b:
					name = same
				case !strings.HasPrefix(name, late):
					continue
				}
				tallies[name] = append(tallies[name], pair{q.Versus(row.Cell, base.Cell), seconds})
				found = true
			}
		}
	}
	return found
}

func (t tally) String() string {
	var parts []string
	for _, v := range []analyze.Verdict{analyze.Equivalent, analyze.Unresolved, analyze.Worse, analyze.Better} {
		parts = append(parts, fmt.Sprintf("%s %d", v, t.count(v)))
	}
	var ratios, half, rounds, seconds float64
	for _, p := range t {
		ratios, half = ratios+p.Ratio.Value, half+p.Ratio.Half()
		rounds, seconds = rounds+float64(p.Ratio.N), seconds+p.seconds
	}
	n := float64(len(t))
	return fmt.Sprintf("%d pairs: %s; means: ratio %.4f ± %.1f %%, %.1f rounds, run of %.0f s",
		len(t), strings.Join(parts, ", "), ratios/n, 100*half/n, rounds/n, seconds/n)
}

// count returns the number of pairs with the verdict v.
func (t tally) count(v analyze.Verdict) (n int) {
	for _, p := range t {
		if p.Verdict == v {
			n++
		}
	}
	return n
}

// share returns the share of the pairs with the verdict v.
func (t tally) share(v analyze.Verdict) float64 { return float64(t.count(v)) / float64(len(t)) }

// claimed returns the share of the pairs that payoff calls better or worse.
func (t tally) claimed() float64 { return t.share(analyze.Better) + t.share(analyze.Worse) }
