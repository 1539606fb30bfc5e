package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/workloads"
)

// agreeing is the share of the questions to which two runs name a winner at which they must
// name the same.
const agreeing = 0.95

// A place is what a question asks about.
type place struct {
	task  harness.Task
	cores int
	order string
}

// A vote counts what pairs of runs say of the same questions.
type vote struct {
	questions int // that both asked
	both      int // to which both named a winner
	same      int // and the same one
	apart     []string
}

// agree compares the winners of each two of the runs in folders.
func agree(w io.Writer, folders []string) error {
	if len(folders) < 2 {
		return errors.New("agree takes the folders of two runs or more")
	}
	var runs []map[place]analyze.Question
	for _, dir := range folders {
		info, samples, err := record.Read(dir)
		if err != nil {
			return err
		}
		runs = append(runs, asked(analyze.New(info, samples, analyze.Settings{Waits: waits})))
	}
	var v vote
	for i := range runs {
		for j := range i {
			v.add(runs[j], runs[i], folders[j], folders[i])
		}
	}
	fmt.Fprintf(w, "%d questions were asked of two runs, both name a winner in %d, the same one in %d\n", v.questions, v.both, v.same)
	for _, line := range v.apart {
		fmt.Fprintln(w, line)
	}
	switch {
	case v.both == 0:
		return errors.New("no question has a winner in two runs")
	case float64(v.same) < agreeing*float64(v.both):
		return fmt.Errorf("the winners are the same in %.1f %%; they must be in %.0f %%", 100*float64(v.same)/float64(v.both), 100*agreeing)
	}
	return nil
}

// asked returns the questions of a run by what they ask about.
func asked(a *analyze.Analysis) map[place]analyze.Question {
	all := map[place]analyze.Question{}
	for _, q := range a.Questions {
		all[place{q.Task, q.Cores, q.Order}] = q
	}
	return all
}

// add compares two runs, which are told apart by their names.
func (v *vote) add(a, b map[place]analyze.Question, nameA, nameB string) {
	for at, one := range a {
		other, ok := b[at]
		if !ok {
			continue
		}
		v.questions++
		if one.Winner.Kind != analyze.Won || other.Winner.Kind != analyze.Won {
			continue
		}
		v.both++
		if x, y := one.Winner.Best[0], other.Winner.Best[0]; x == y {
			v.same++
		} else {
			v.apart = append(v.apart, fmt.Sprintf("%s on %d cores, order %s: %s in %s, %s in %s", at.task, at.cores, at.order, analyze.Label(x), nameA, analyze.Label(y), nameB))
		}
	}
	slices.Sort(v.apart)
}

// waits reports whether the tasks of a workload mostly wait.
func waits(name string) bool {
	return slices.ContainsFunc(workloads.All(), func(w workloads.Workload) bool { return w.Name == name && w.Waits })
}
