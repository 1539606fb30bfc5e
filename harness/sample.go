package harness

import (
	"slices"
	"time"

	"github.com/payoff-bench/payoff/workloads"
)

// Marks of a sample, which name conditions found during its launch. Each mark except MarkUnsettled
// means that the launch is contaminated: other work disturbed it. Samples with marks are kept.
const (
	MarkSteal     = "steal"     // the hypervisor took more than 1 % of the cores' time, and at least two clock ticks
	MarkThrottled = "throttled" // a control group quota took more than 1 % of the cores' time
	MarkPreempted = "preempted" // a compute-bound job on one thread took more than 1.1 times its CPU time
	MarkStarved   = "starved"   // other processes took more than 10 % of the cores' time
	MarkControl   = "control"   // the time of a control is an outlier among the launches of the same turn; the run sets this mark
	MarkUnsettled = "unsettled" // the makespans of the timed jobs vary by more than 5 %; not contamination
)

// A Sample is the result of one launch, with one value for each unit. The analysis computes
// variation between samples only, never within a sample.
type Sample struct {
	Cell  Cell
	Twin  bool // set for the second launch of an A/A pair; the first is the cell's own sample
	Round int  // number of the round, from 0
	Block int  // the block's number in the plan
	// Attempt is 0 for the first measurement of the block in a round, and 1 or more if the
	// block was measured again in that round. Samples are paired within round, block and
	// attempt.
	Attempt int

	Reps   int                // timed jobs: the iteration count of the benchmark line
	Values map[string]float64 // measured values, keyed by unit; a unit that was not measured is absent

	// Inputs is set if the task is a program. It has the time of each input in ns: the median
	// over the tasks with this input in the timed jobs. The order is that of [Job].Inputs.
	Inputs []float64

	Subsample bool      // the job was made smaller because the direct loop would have taken too long
	Marks     []string  // see [MarkSteal] and the other marks
	At        time.Time // start of the launch
}

// Misleads reports whether the sample has a mark for a disturbance that may shift a ratio of
// makespans. The sample's block should then be measured again. The marks [MarkSteal] and
// [MarkPreempted] do not count, because such disturbances widen intervals without shifting medians.
func (s Sample) Misleads() bool {
	return slices.ContainsFunc(s.Marks, func(mark string) bool {
		return mark == MarkStarved || mark == MarkThrottled || mark == MarkControl
	})
}

// Starved reports whether the sample has [MarkStarved]: during the launch, other processes took so
// much of the cores' time that the makespan changed.
func (s Sample) Starved() bool { return slices.Contains(s.Marks, MarkStarved) }

// Contaminated reports whether the sample has a mark which says that other work disturbed the
// launch.
func (s Sample) Contaminated() bool {
	return slices.ContainsFunc(s.Marks, func(mark string) bool { return mark != MarkUnsettled })
}

// Common returns the number of launches that are in both a and b, the samples of two runs. There
// are such launches only if one run is a copy of the other. Common ignores samples that do not say
// when they were measured.
func Common(a, b []Sample) (n int) {
	type launch struct {
		cell Cell
		twin bool
		at   int64
	}
	of := func(s Sample) launch { return launch{s.Cell, s.Twin, s.At.UnixNano()} }
	seen := make(map[launch]bool, len(a))
	for _, s := range a {
		seen[of(s)] = !s.At.IsZero()
	}
	for _, s := range b {
		if seen[of(s)] {
			n++
		}
	}
	return n
}

// A Machine describes the machine that a run measures.
type Machine struct {
	Host    string // short host name without spaces
	CPU     string // model name of the CPU
	GOOS    string
	GOARCH  string
	Kernel  string // release of the operating system's kernel
	Cores   int    // cores that this process may use
	Memory  int64  // bytes of memory
	Virtual string // hypervisor, or "" if none was detected
	// Speeds describes unlike cores, such as "capacity 1024 for cores 0-3, capacity 446 for cores
	// 4-7". It is "" if the cores are alike or their speeds are unknown.
	Speeds string `json:",omitempty"`
}

// An Info describes a run: everything about it except the samples. The run folder stores it in
// run.json.
type Info struct {
	Machine  Machine
	Suites   []string
	Files    []string `json:",omitempty"` // names of built-in suites and paths of suite files, for resuming
	Counts   []string `json:",omitempty"` // core counts that replace those of the suites, as words
	Filter   string
	Seed     uint64
	Version  string // version of payoff
	Commit   string // commit that payoff was built from, "+dirty" if modified
	Build    string `json:",omitempty"` // digest of the programs that the run executes
	Go       string // Go version
	Started  time.Time
	Resumed  []time.Time `json:",omitempty"` // times at which the run was resumed
	Finished time.Time   // zero while the run is in progress, or if it was killed
	Rounds   int         // largest number of rounds; 0 for as many as the budget allows
	Budget   time.Duration
	// Precision says when two strategies count as equally fast: when the interval of the ratio
	// of their makespans lies within 1 ± Precision. The run then measures no further rounds to
	// find the faster one. Precision is 0 if every block gets all rounds.
	Precision   float64 `json:",omitempty"`
	Plan        string  `json:",omitempty"` // result of [Plan.Digest]
	Jobs        []Job   `json:",omitempty"`
	Spent       Spent
	Program     []string          `json:",omitempty"` // program measured as a task, with its arguments
	Inputs      string            `json:",omitempty"` // file with the program's inputs
	Rules       workloads.Rules   `json:",omitzero"`  // how the program runs as a task
	Function    *Function         `json:",omitempty"` // Python function measured as a task; nil for all other workloads
	Search      *Search           `json:",omitempty"` // question of payoff find; nil for all other runs
	Folder      string            `json:",omitempty"` // working directory of the program
	Python      *Interpreter      `json:",omitempty"` // interpreter of strategies of Python; nil if there are none
	Content     string            `json:",omitempty"` // digest of the program and its inputs
	Environment map[string]string `json:",omitzero"`  // digests of environment variables; see [Fingerprint]
	Limits      Limits            `json:",omitzero"`
	Governor    string            `json:",omitempty"` // frequency governor of the cores that launches may use; "" if unknown
	Pinned      bool              // false if CPU affinity is not permitted; Notes has the reason
	Doubt       string            `json:",omitempty"` // why the run does not trust its samples; "" if it knows no reason
	Foreign     string            `json:"-"`          // a sign that another program changed files of the run, or else the Doubt; "" if there is neither
	Absent      map[string]string `json:",omitempty"` // reason why some samples have no value in a unit, keyed by unit
	Failed      map[string]int    `json:",omitempty"` // launches that failed or had wrong outputs, keyed by the name of the cell
	Notes       []string          // footnotes of the report: fallbacks and caveats
	Ended       []string          `json:",omitempty"` // how the run ended and which questions are open; replaced when the run is resumed
}

// An Interpreter describes a Python interpreter: its path, and the facts about it that affect
// results.
type Interpreter struct {
	Path           string
	Version        string            // for example 3.13.0
	Implementation string            // for example CPython
	FreeThreaded   bool              `json:",omitempty"` // whether it runs without a global interpreter lock
	Modules        map[string]string `json:",omitempty"` // versions of joblib, dask, distributed and ray, if installed
}

// A Job describes the job of a task, as the run's probe (a launch before the first round)
// determined it: the number of tasks, and the digest of the outputs that the direct loop computed.
type Job struct {
	Task      Task
	Tasks     int
	Subsample bool    `json:",omitempty"` // see [JobSize]
	Work      float64 // ns that one task takes alone
	Digest    uint64
	Inputs    Selection `json:",omitzero"`  // inputs of the tasks, if the task is a program
	Workers   []int     `json:",omitempty"` // numbers of workers that fit the budget; nil for all
	Once      bool      `json:",omitempty"` // each launch runs the job only once; see [Fit.Once]
}

// A Selection describes the inputs that the tasks of a job process.
type Selection = workloads.Selection

// A Spent holds the time that a run took, in total and in its launches.
type Spent struct {
	Wall     time.Duration // from the first probe to the last launch
	Launches time.Duration // sum over all launches, from process start to end
	Work     time.Duration // the part of Launches inside jobs: cold, warm-up and timed
}

// Add returns the sum of s and t.
func (s Spent) Add(t Spent) Spent {
	return Spent{s.Wall + t.Wall, s.Launches + t.Launches, s.Work + t.Work}
}
