package report

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// provenance returns the section on the machine, the versions, the seed and the notes of a run. It
// includes the command that repeats the run.
func provenance(run string, a *analyze.Analysis, facts []string) section {
	return section{"Machine, versions and how to repeat the run", []part{
		{list: facts},
		{text: "This command repeats the run:"},
		{command: repeat(a)},
		{text: fmt.Sprintf("The samples of all launches are in %s.", filepath.Join(run, "samples.txt"))},
	}}
}

// glossary explains the terms of the report.
var glossary = section{"Glossary", []part{{only: inFile, terms: [][2]string{
	{"task", "A unit of work. A job is a sequence of independent tasks."},
	{"grain, task size", "The time of a task in a plain loop. A nominal grain is the one that the suite asked for."},
	{"direct, loop", "The same tasks in a plain loop without any executor. Every speed-up is relative to it."},
	{"strategy", "A way to execute tasks, such as pool, a pool of goroutines, and procs, worker processes."},
	{"chunk", "The number of tasks that are handed over at a time."},
	{"launch, round", "A launch is a fresh process that measures one strategy on one task once. A round is one launch of each strategy on each task."},
	{"makespan", "The time from the submission of a job to its last outcome."},
	{"speed-up, efficiency", "The time of the loop divided by that of the strategy, and the speed-up divided by the number of cores."},
	{"METG", "Minimum effective task granularity: the smallest time per task times cores, overhead included, at which the efficiency reaches the target."},
	{"verdict", "Better, worse or equivalent if the whole interval of the ratio of two makespans lies on one side of the margin or within it. Fewer than six rounds give no verdict, only a likely one."},
	{"starved, contaminated", "A launch is starved if other processes used its cores for more than 10 % of the time; comparisons leave it out. A launch is contaminated if other work disturbed it less; comparisons use it."},
	{"A/A pair", "Two launches of the same cell in one round. They differ only by noise."},
}}}}

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
