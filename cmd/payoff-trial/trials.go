package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/strategies"
)

// falsely is the share of verdicts that may be wrong.
const falsely = 0.05

func trials() map[string]trial {
	return map[string]trial{
		"aa": {
			suite: suite("Are those the same that are the same?", "same-1", "same-2", "same-3", "same-4", "same-5"),
			flags: []string{"--rounds", "6"},
			pairs: alike,
			judge: func(w io.Writer, tallies map[string]tally) error {
				t := tallies[aa]
				fmt.Fprintf(w, "A/A: %v\n%.1f %% are called better or worse; at most %.0f %% may be\n", t, 100*t.claimed(), 100*falsely)
				switch {
				case t.n < 200:
					return fmt.Errorf("%d pairs are too few to tell; 200 are needed", t.n)
				case t.claimed() > falsely:
					return errors.New("too many differences were found where there are none")
				}
				return nil
			},
		},
		"planted": {
			suite: suite("Is what is slower found to be?", "same-1", "late-1", "late-5"),
			flags: []string{"--budget", "50s"},
			pairs: late,
			judge: func(w io.Writer, tallies map[string]tally) error {
				five, one := tallies["late-5"], tallies["late-1"]
				found := float64(five.verdicts[analyze.Worse]) / float64(five.n)
				fmt.Fprintf(w, "5 %% slower: %v\n1 %% slower: %v\n5 %% slower is called worse in %.0f %% of runs; at least 90 %% must be\n1 %% slower is called worse or better in %.0f %%; at most %.0f %% may be\n",
					five, one, 100*found, 100*one.claimed(), 100*falsely)
				switch {
				case found < 0.9:
					return errors.New("the slowdown of 5 % was missed too often")
				case one.claimed() > falsely:
					return errors.New("the slowdown of 1 % was called one of more than the margin too often")
				}
				return nil
			},
		},
	}
}

// suite is a block of strategies on tasks of a size at which none of them costs anything.
func suite(question string, names ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "question = %q\nrounds = 6\nmin-time = \"50ms\"\n\n[[block]]\nworkload = \"spin\"\ngrain = [20_000]\n", question)
	for _, name := range names {
		fmt.Fprintf(&b, "\n[[block.cell]]\nstrategy = %q\n", name)
	}
	return b.String()
}

// aa is what pairs of the same are counted as.
const aa = "same"

// alike returns each two of those that are the same.
func alike(a *analyze.Analysis) (pairs []pair) {
	for _, q := range a.Questions() {
		for i, one := range q.Rows {
			for _, other := range q.Rows[:i] {
				if strings.HasPrefix(one.Cell.Strategy, aa) && strings.HasPrefix(other.Cell.Strategy, aa) {
					pairs = append(pairs, pair{aa, q.Versus(one.Cell, other.Cell)})
				}
			}
		}
	}
	return pairs
}

// late returns each that is slower against the one that is not.
func late(a *analyze.Analysis) (pairs []pair) {
	for _, q := range a.Questions() {
		var base harness.Cell
		for _, r := range q.Rows {
			if strings.HasPrefix(r.Cell.Strategy, aa) {
				base = r.Cell
			}
		}
		for _, r := range q.Rows {
			if strings.HasPrefix(r.Cell.Strategy, "late") {
				pairs = append(pairs, pair{r.Cell.Strategy, q.Versus(r.Cell, base)})
			}
		}
	}
	return pairs
}

// table returns pools that differ by their names alone, and two whose jobs take longer.
func table() (all []strategies.Strategy) {
	for i := range 5 {
		all = append(all, slowed(fmt.Sprintf("same-%d", i+1), 0))
	}
	return append(all, slowed("late-1", 0.01), slowed("late-5", 0.05))
}

// slowed is a pool whose jobs take longer by a share of their time.
func slowed(name string, share float64) strategies.Strategy {
	s := strategies.PoolStrategy()
	pool := s.New
	s.Name, s.Doc = name, fmt.Sprintf("a pool whose jobs take %g %% longer", 100*share)
	s.New = func(ctx context.Context, c strategies.Config) (strategies.Executor, error) {
		ex, err := pool(ctx, c)
		return slow{ex, share}, err
	}
	return s
}

// slow is an executor whose jobs take longer.
type slow struct {
	strategies.Executor
	share float64
}

func (s slow) Workers() int { return s.Executor.(strategies.Workers).Workers() }

func (s slow) Start(ctx context.Context, job strategies.Job) (strategies.Lease, error) {
	began := time.Now()
	l, err := s.Executor.Start(ctx, job)
	return &slowLease{l, began, s.share}, err
}

type slowLease struct {
	strategies.Lease
	began time.Time
	share float64
}

// Wait computes until the job has taken its share longer: what sleeps wakes late.
func (l *slowLease) Wait() {
	l.Lease.Wait()
	took := time.Since(l.began)
	for end := took + time.Duration(l.share*float64(took)); time.Since(l.began) < end; {
	}
}
