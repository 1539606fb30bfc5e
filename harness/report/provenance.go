package report

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// provenance returns the section on the machine, the versions, the seed and the notes of a run,
// with the command that repeats the run. The texts of facts describe the machine and the run. run
// is the folder of the run.
func provenance(run string, a *analyze.Analysis, facts []string) section {
	return section{"Machine, versions and how to repeat the run", []part{
		{list: facts},
		{text: "This command repeats the run:"},
		{command: repeat(a)},
		{text: fmt.Sprintf("The samples of all launches are in %s.", filepath.Join(run, "samples.txt"))},
	}}
}

// glossaryAnchor is the identifier of the glossary in report.html.
const glossaryAnchor = "glossary"

// glossary returns the section that explains the terms of the report, and the workloads and faults of
// the run.
func glossary(a *analyze.Analysis) section {
	precision := "the precision of the run"
	if a.Info.Precision > 0 {
		precision = format.Percent(a.Info.Precision)
	}
	return section{"Glossary", []part{{only: inFile, terms: slices.Concat([][2]string{
		{"task, job", "A task is a unit of work. A job is a sequence of independent tasks."},
		{"workload, kernel", "A workload is a kernel and its inputs. The kernel is the function that a task executes."},
	}, described(a), [][2]string{
		{"grain, task size", "The time of a task in the direct loop. A nominal grain is the time that the suite asked for."},
		{"direct, loop", "The same tasks in a plain loop without any executor. Every speed-up is relative to it."},
		{"serial", "All tasks on one goroutine, through the executor interface. The difference from direct is the cost of that interface."},
		{"strategy", "A way to execute tasks, such as pool (a pool of goroutines) or procs (worker processes)."},
		{"shm", "With shm, worker processes exchange data with the main process through shared memory, otherwise through pipes."},
		{"chunk", "The number of tasks that are handed over at a time."},
		{"order: map, input, completion, single", "A map puts each result in its place. A stream delivers outcomes in the order of the inputs or in the order of their completion. In single order the caller submits one task at a time and waits for its outcome."},
		{"window", "The largest number of tasks that a stream has taken from its input and not yet delivered."},
		{"open loop", "Tasks arrive at random times with a fixed mean rate, whether or not earlier tasks have been completed. A response time runs from the scheduled arrival to the outcome."},
		{"cell, question", "A cell is a combination of a task, a strategy and its settings. A question asks which strategy is best for one task on some cores."},
		{"launch, round, n", "A launch is a fresh process that measures one cell once. A round is one launch of each cell of an open question. n is the number of rounds, or of launches, behind a result. Cells of answered questions are not measured again, so n may be smaller than the number of rounds of the run."},
		{"makespan", "The time from the submission of a job to its last outcome."},
		{"speed-up, efficiency", "Speed-up is the time of the direct loop divided by that of the strategy. Efficiency is the speed-up divided by the number of cores."},
		{"METG", "Minimum effective task granularity: the smallest task at which the efficiency reaches the target. Its size includes the overhead: it is the makespan times the cores, divided by the number of tasks."},
		{"verdict", "A verdict compares two makespans by the interval of their ratio. It is better or worse if the whole interval lies on one side of the margin, equivalent if it lies inside the margin, and otherwise unresolved. Fewer than six rounds give only a likely verdict."},
		{"winner, tie, close, likely, maybe", "The winner is better than every other strategy. Strategies in a tie are equivalent. Close strategies differ by at most " + precision + ", and all others are worse. Likely: among the fastest in fewer than six rounds. Maybe: the run does not exclude that the strategy is the best."},
		{"settled, likely, open", "Settled: the run found one winner, or several strategies that are equally fast. Likely: the run has too few rounds for verdicts, or more rounds may change the answer. Open: the run does not answer the question."},
		{"2 ways, 3 ways", "Two or three settings of the named strategies are equally fast."},
		{"starved, contaminated", "A launch is starved if other processes used more than 10 % of the time of its cores, or 50 % for tasks that use a disk. Comparisons exclude it. A launch that other work disturbed is contaminated. Comparisons include it."},
		{"A/A pair", "Two launches of the same cell in one round. They differ only by noise."},
	})}}}
}

// described returns a term for each workload and each fault of the run that has a description.
func described(a *analyze.Analysis) (terms [][2]string) {
	if a.Settings.Doc == nil {
		return nil
	}
	seen := map[string]bool{}
	for _, l := range a.Launched {
		for _, name := range append([]string{l.Cell.Workload}, strings.Split(l.Cell.Shape, "+")...) {
			if doc := a.Settings.Doc(name); doc != "" && !seen[name] {
				seen[name] = true
				terms = append(terms, [2]string{name, capital(doc) + "."})
			}
		}
	}
	slices.SortFunc(terms, func(x, y [2]string) int { return strings.Compare(x[0], y[0]) })
	return terms
}

// samples returns the section that lists the makespans of all launches.
func samples(a *analyze.Analysis) section {
	rows := [][]string{{"tasks", "strategy", "makespan per task, in the order of the launches", "n"}}
	for _, l := range a.Launched {
		values := make([]string, len(l.Launches))
		for i, one := range l.Launches {
			values[i] = absent
			if one.Makespan > 0 && one.Makespan < 1e18 {
				values[i] = format.ExactTime(one.Makespan)
			}
			switch {
			case one.Starved:
				values[i] += "†"
			case one.Contaminated:
				values[i] += "*"
			}
		}
		at := analyze.PlaceOf(l.Cell)
		name := analyze.Brief(l.Cell)
		if l.Twin {
			name += ", second launch (A/A)"
		}
		rows = append(rows, []string{at.String() + at.Nominal(), name, strings.Join(values, ", "), strconv.Itoa(len(values))})
	}
	return section{"Samples", []part{{rows: rows, caption: "Every launch: * contaminated, † starved and left out of comparisons", only: inFile}}}
}
