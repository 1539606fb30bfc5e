package trial_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

// agreeing is the required share of questions with the same winner in two runs. It counts only
// questions for which both runs name a winner.
const agreeing = 0.95

// Required shares of time. A run must spend the share inLaunches of its time in launches. Launches
// must spend the share inWork of their time in timed and warm-up work.
const (
	inLaunches = 0.85
	inWork     = 0.70
)

// A place identifies a question in all runs.
type place struct {
	task  harness.Task
	cores int
	order string
}

// A vote counts the questions that both of two runs ask, and how often the runs have the same
// winner. It adds up the counts of all pairs of runs.
type vote struct {
	questions int      // questions that both runs of a pair ask
	both      int      // questions for which both runs name a winner
	same      int      // questions for which both runs name the same winner
	apart     []string // a line for each question with two different winners
}

// quick compares the runs in the folders of the command line. If there are none, it makes runs of the
// suite quick and compares these.
func quick() error {
	folders := flag.Args()
	if len(folders) == 0 {
		for i := range *runs {
			dir, _, _, err := made(i, *program, "quick")
			if err != nil {
				return err
			}
			folders = append(folders, dir)
		}
	}
	return agree(os.Stdout, folders)
}

// agree compares the winners of all pairs of the runs in folders, and checks how each run spent its
// time.
func agree(w io.Writer, folders []string) error {
	if len(folders) < 2 {
		return errors.New("agree needs the folders of at least two runs; without folders, it makes new runs")
	}
	var runs []map[place]analyze.Question
	var broken []error
	for _, dir := range folders {
		info, samples, err := record.Read(dir)
		if err != nil {
			return err
		}
		asked := map[place]analyze.Question{}
		for _, q := range analyze.New(info, samples, analyze.Settings{Waits: waits}).Questions() {
			asked[place{q.Task, q.Cores, q.Order}] = q
		}
		runs = append(runs, asked)
		launches, work := info.Spent.Launches.Seconds()/info.Spent.Wall.Seconds(), info.Spent.Work.Seconds()/info.Spent.Launches.Seconds()
		fmt.Fprintf(w, "%s: %.1f %% of the time in launches (at least %.0f %% required); %.1f %% of that in timed and warm-up work (at least %.0f %% required)\n",
			dir, 100*launches, 100*inLaunches, 100*work, 100*inWork)
		if launches < inLaunches || work < inWork {
			broken = append(broken, fmt.Errorf("%s: the run spent too little of its time in launches, or launches too little of theirs in work", dir))
		}
	}
	var v vote
	for i := range runs {
		for j := range i {
			v.add(runs[j], runs[i], folders[j], folders[i])
		}
	}
	fmt.Fprintf(w, "%d questions in two runs, both name a winner in %d, the same one in %d\n", v.questions, v.both, v.same)
	for _, line := range v.apart {
		fmt.Fprintln(w, line)
	}
	return errors.Join(append(broken, v.judge())...)
}

// judge returns an error if the runs have different winners too often.
func (v vote) judge() error {
	switch {
	case v.both == 0:
		return errors.New("no question has a winner in both of two runs; make longer runs")
	case float64(v.same) < agreeing*float64(v.both):
		return fmt.Errorf("two runs name the same winner for %.1f %% of the questions; at least %.0f %% are required", 100*float64(v.same)/float64(v.both), 100*agreeing)
	}
	return nil
}

// add counts the questions that the runs a and b both ask, and how often they have the same winner.
// The arguments nameA and nameB are the names of the runs.
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
	return slices.ContainsFunc(kernels.All(), func(w workloads.Workload) bool { return w.Name == name && w.Waits })
}
