package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/workloads"
)

// agreeing is the share of the questions to which two runs name a winner at which they must
// name the same.
const agreeing = 0.95

// What of a run's time shall be spent in launches, and of theirs in timed and warm-up work.
const (
	inLaunches = 0.85
	inWork     = 0.70
)

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

// quick compares the runs in the folders that args name or, where they name none, runs of
// quick, which it makes.
func quick(args []string) error {
	runs, out, folders, err := flags("agree", 2, args)
	if err != nil {
		return err
	}
	if folders == nil {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		for i := range runs {
			if _, _, err := made(out, i, filepath.Join(filepath.Dir(self), "payoff"), "quick"); err != nil {
				return err
			}
			folders = append(folders, runFolder(out, i))
		}
	}
	return agree(os.Stdout, folders)
}

// agree compares the winners of each two of the runs in folders, and looks at where the time
// of each went.
func agree(w io.Writer, folders []string) error {
	if len(folders) < 2 {
		return errors.New("agree takes the folders of two runs or more, or none")
	}
	var runs []map[place]analyze.Question
	var broken []error
	for _, dir := range folders {
		info, samples, err := record.Read(dir)
		if err != nil {
			return err
		}
		runs = append(runs, asked(analyze.New(info, samples, analyze.Settings{Waits: waits})))
		launches, work := shares(info.Spent)
		fmt.Fprintf(w, "%s: %.1f %% of the time in launches, at least %.0f %% must be; %.1f %% of that in timed and warm-up work, at least %.0f %% must be\n",
			dir, 100*launches, 100*inLaunches, 100*work, 100*inWork)
		if launches < inLaunches || work < inWork {
			broken = append(broken, fmt.Errorf("%s: too much of the time went into the harness", dir))
		}
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
	return errors.Join(append(broken, v.judge())...)
}

// shares returns which part of a run was spent in launches, and which part of that in work.
func shares(s harness.Spent) (launches, work float64) {
	return s.Launches.Seconds() / s.Wall.Seconds(), s.Work.Seconds() / s.Launches.Seconds()
}

// judge is an error if winners differ too often.
func (v vote) judge() error {
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
	for _, q := range a.Questions() {
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
