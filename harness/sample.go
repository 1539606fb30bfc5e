package harness

import "time"

// Units of a sample's values, as they stand in samples.txt. benchstat shows those in ns
// as seconds (ns/task as sec/task).
const (
	UnitOp    = "ns/op"    // makespan of a job: submitted to last outcome; median of the launch's repetitions
	UnitTask  = "ns/task"  // makespan over the number of tasks
	UnitTasks = "tasks/op" // tasks in the job
	UnitStart = "start-ns" // making the executor
	UnitFirst = "first-ns" // the first, cold job
	UnitStop  = "stop-ns"  // closing the executor
	// CPU time of the whole process tree in the timed part, per task. It may be 0, which
	// readers that rescale ns would put in a table of its own; nsec they leave as it is.
	UnitCPU    = "cpu-nsec/task"  // exact, as the scheduler counts it
	UnitUser   = "user-nsec/task" // how the kernel splits it, by whole ticks of its clock,
	UnitSystem = "sys-nsec/task"  // so that both have no more digits than a tick allows
	// What the cores had left meanwhile: the sum of the makespans times the cores, less the CPU
	// time. They had nothing to run, or ran something else.
	UnitIdle = "idle-nsec/task"
	// Of the server that the tasks ask, a process of its own: no part of the tree's.
	UnitServer = "server-cpu-nsec/task"

	// Of the timed part too, and of the process tree, per task.
	UnitVoluntary    = "voluntary-switches/task"   // a thread went to sleep
	UnitInvoluntary  = "involuntary-switches/task" // a thread had to leave its core
	UnitMinor        = "minor-faults/task"         // page faults served from memory
	UnitMajor        = "major-faults/task"         // page faults that waited for a disk
	UnitWaited       = "run-queue-wait-nsec/task"  // threads were ready and had no core
	UnitInstructions = "instructions/task"         // hardware counters, in user mode
	UnitCycles       = "cycles/task"
	UnitCacheMisses  = "cache-misses/task" // of the last level
	// Of the Go runtime of the launch's own process; worker processes have theirs.
	UnitAllocs     = "allocs/task"        // objects allocated on the heap
	UnitAllocBytes = "alloc-bytes/task"   // and their size
	UnitPauses     = "gc-pause-nsec/task" // the collector had stopped all goroutines
	UnitGCShare    = "gc-cpu-share"       // of the CPU time used, over whole cycles of the collector
	UnitLatency    = "sched-p99-nsec"     // 99 % of goroutines that became ready ran within this time
	// The most memory that the process tree held during a job of the warm-up, pages that
	// several processes share counted in equal parts.
	UnitPSS = "peak-pss-bytes"

	// Of tasks that wait: how long one took from its own start to its end, on average, and
	// how many were under way at once, on average: those times over the makespan.
	UnitService     = "service-ns"
	UnitConcurrency = "concurrency"
	// Of a stream. The first is of the timed jobs, as the makespan is; the others take a clock
	// at each outcome and are of one job after the warm-up that is not timed.
	UnitFirstResult  = "first-result-ns"   // submitted to its consumer's having the first outcome
	UnitHeld         = "held-nsec"         // from when an outcome was done, or came from its process, to its delivery, on average
	UnitHeadOfLine   = "head-of-line-nsec" // of that, until the last of those before it was done; input order alone
	UnitHeldTasks    = "held-tasks"        // outcomes that were done and not delivered, at most
	UnitAvailability = "availability"      // share of the job's time for which an outcome was there to be used, on average
	// Of an open loop: responses from the instant at which a task was to arrive; by how much
	// one arrival in a hundred came late, at least; outcomes in a second; and the loops before
	// it whose generator lagged.
	UnitP50        = "response-p50-ns"
	UnitP99        = "response-p99-ns"
	UnitP999       = "response-p999-ns"
	UnitLag        = "lag-p99-ns"
	UnitThroughput = "tasks/s"
	UnitVoidLoops  = "void-loops"

	// Of the machine while the launch was timed, whoever had a part in it.
	UnitSteal     = "steal-share"    // of the cores' time, that the hypervisor gave to others, in steps of 10 ms
	UnitPressure  = "pressure-share" // of the time, in which some thread was ready and had no core
	UnitThrottled = "throttled-nsec" // a control group's quota was used up; levels and cores add up
	UnitLoad      = "load"           // 1-minute average when timing began

	UnitControl  = "control-ns"  // control: a fixed serial loop, before the executor starts
	UnitPingPong = "pingpong-ns" // control: one round trip between two cores, likewise; absent on one core
)

// Marks of a sample: why its launch is suspect. A marked sample is kept.
const (
	MarkSteal     = "steal"     // the hypervisor gave over 1 % of the cores' time to others, two ticks or more
	MarkThrottled = "throttled" // a quota took over 1 % of the cores' time
	MarkPreempted = "preempted" // a computing job on one thread took over 1.1 times its CPU time
	MarkControl   = "control"   // its controls stand out from those of the launches that it is compared with; see [StandOut]
	MarkUnsettled = "unsettled" // its timed jobs vary by more than 5 %: they never became steady, or are not by nature. It is no sign of contamination
)

// Units returns the units above, in the order in which they are written.
func Units() []string {
	return []string{
		UnitOp, UnitTask, UnitTasks, UnitStart, UnitFirst, UnitStop,
		UnitCPU, UnitUser, UnitSystem, UnitIdle, UnitServer,
		UnitVoluntary, UnitInvoluntary, UnitMinor, UnitMajor, UnitWaited,
		UnitInstructions, UnitCycles, UnitCacheMisses,
		UnitAllocs, UnitAllocBytes, UnitPauses, UnitGCShare, UnitLatency, UnitPSS,
		UnitFirstResult, UnitHeld, UnitHeadOfLine, UnitHeldTasks, UnitAvailability,
		UnitService, UnitConcurrency, UnitP50, UnitP99, UnitP999, UnitLag, UnitThroughput, UnitVoidLoops,
		UnitSteal, UnitPressure, UnitThrottled, UnitLoad,
		UnitControl, UnitPingPong,
	}
}

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

// Better says for each unit which direction is better, as the Unit lines of samples.txt
// declare it; "" for units that describe rather than judge.
func Better(unit string) string {
	switch unit {
	case UnitTasks, UnitConcurrency:
		return ""
	case UnitThroughput, UnitAvailability:
		return "higher"
	}
	return "lower"
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

// An Info is what a run says about itself, beside its samples: run.json.
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
	// Precision is the half-width of intervals from which on a block is measured no more, as
	// a share; 0 where every block has all rounds.
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

// A Job is what the probe of a task found: its size and what its outputs must be.
type Job struct {
	Task      Task
	Tasks     int
	Subsample bool    `json:",omitempty"` // see [JobSize]
	Work      float64 // ns that one task takes alone
	Digest    uint64
}

// Spent is where a run's time went.
type Spent struct {
	Wall     time.Duration // from the first probe to the last launch
	Launches time.Duration // inside launches, from starting the process to its end
	Work     time.Duration // of that, in jobs: cold, warm-up and timed
}

// Add returns the sum of both.
func (s Spent) Add(t Spent) Spent {
	return Spent{s.Wall + t.Wall, s.Launches + t.Launches, s.Work + t.Work}
}
