package harness

import (
	"slices"
	"time"
)

// Marks of a sample: why its launch is suspect. A marked sample is kept.
const (
	MarkSteal     = "steal"     // the hypervisor gave over 1 % of the cores' time to others, two ticks or more
	MarkThrottled = "throttled" // a quota took over 1 % of the cores' time
	MarkPreempted = "preempted" // a computing job on one thread took over 1.1 times its CPU time
	MarkStarved   = "starved"   // other processes took over 10 % of the cores' time
	MarkControl   = "control"   // its controls stand out from those of the launches that it is compared with; the run compares them
	MarkUnsettled = "unsettled" // its timed jobs vary by more than 5 %: they never became steady, or are not by nature. It is no sign of contamination
)

// A Sample is what one launch yields: one value per unit. Spread is taken between
// samples, never within one.
type Sample struct {
	Cell  Cell
	Twin  bool // the second launch of an A/A pair; the first is the cell's own sample of the round
	Round int  // from 0
	Block int  // the block's number in the plan
	// Attempt tells apart the turns of a block that is measured again in the same round:
	// 0 for the first. Samples are paired within round, block and attempt.
	Attempt int

	Reps   int                // repetitions timed, the benchmark's iteration count
	Values map[string]float64 // by unit; a unit that was not measured is absent

	Subsample bool      // the job was cut down because serial would have taken too long
	Marks     []string  // why the launch is suspect: see [MarkSteal] and on; empty for a clean one
	At        time.Time // when the launch began
}

// Misleads reports whether a mark of the sample has been seen to move ratios: its turn is worth
// measuring again. Steal and preemption of single jobs widen intervals and shift no median.
func (s Sample) Misleads() bool {
	return slices.ContainsFunc(s.Marks, func(mark string) bool {
		return mark == MarkStarved || mark == MarkThrottled || mark == MarkControl
	})
}

// Starved reports whether other processes took so much of the cores that the makespan is not
// the cell's own.
func (s Sample) Starved() bool { return slices.Contains(s.Marks, MarkStarved) }

// Contaminated reports whether a sample's marks say that other work used the machine during
// the launch.
func (s Sample) Contaminated() bool {
	return slices.ContainsFunc(s.Marks, func(mark string) bool { return mark != MarkUnsettled })
}

// A Machine is where a run was measured.
type Machine struct {
	Host    string // a short name without blanks: hostname
	CPU     string // model name
	GOOS    string
	GOARCH  string
	Kernel  string // release of the operating system
	Cores   int    // cores that this process may use
	Memory  int64  // bytes
	Virtual string // hypervisor where one is seen, else ""
}

// An Info describes a run, apart from its samples: run.json.
type Info struct {
	Machine  Machine
	Suites   []string
	Files    []string `json:",omitempty"` // by which the suites are found again: names, and paths of files
	Counts   []string `json:",omitempty"` // words of the cores that replace the suites' own
	Filter   string
	Seed     uint64
	Version  string // payoff's
	Commit   string // of the source it was built from, "+dirty" if modified
	Build    string `json:",omitempty"` // digest of its programs
	Go       string // toolchain
	Started  time.Time
	Resumed  []time.Time `json:",omitempty"` // when it went on after it had been interrupted
	Finished time.Time   // zero while running or when killed
	Rounds   int         // most rounds; 0 for as many as the budget holds
	Budget   time.Duration
	// Precision is how near to 1, as a share, a ratio whose interval lies wholly there answers
	// its question without a verdict; 0 where every block has all rounds.
	Precision float64 `json:",omitempty"`
	Plan      string  `json:",omitempty"` // what [Plan.Digest] returned
	Jobs      []Job   `json:",omitempty"`
	Spent     Spent
	Program   []string          `json:",omitempty"` // that was measured as a task, with its arguments
	Inputs    string            `json:",omitempty"` // the file with its inputs
	Folder    string            `json:",omitempty"` // in which it runs
	Content   string            `json:",omitempty"` // digest of the files of the program and of its inputs
	Pinned    bool              // false where the machine does not permit affinity, with the reason in Notes
	Absent    map[string]string `json:",omitempty"` // why a unit has no value in some samples, by unit
	Notes     []string          // fallbacks and doubts, to be printed as footnotes
	Ended     []string          `json:",omitempty"` // how it ended and what it left open; anew each time it goes on
}

// A Job is the result of probing a task: the size of the job and the digest of its outputs.
type Job struct {
	Task      Task
	Tasks     int
	Subsample bool    `json:",omitempty"` // see [JobSize]
	Work      float64 // ns that one task takes alone
	Digest    uint64
}

// Spent is the time that a run took, by use.
type Spent struct {
	Wall     time.Duration // from the first probe to the last launch
	Launches time.Duration // inside launches, from starting the process to its end
	Work     time.Duration // of that, in jobs: cold, warm-up and timed
}

// Add returns the sum of both.
func (s Spent) Add(t Spent) Spent {
	return Spent{s.Wall + t.Wall, s.Launches + t.Launches, s.Work + t.Work}
}
