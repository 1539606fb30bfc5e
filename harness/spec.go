package harness

import (
	"time"

	"github.com/payoff-bench/payoff/workloads"
)

// Rules say how a launch runs an external program as a task, for example in which environment.
type Rules = workloads.Rules

// SpecVersion is the version of the formats [Spec] and [Result]. A program can start launches of
// another program only if both have the same version. The version changes when a field changes its
// meaning.
const SpecVersion = 1

// A Spec describes to a launch the measurement that it must make. The launch reads it as JSON from
// file descriptor 3.
type Spec struct {
	Cell Cell
	// Tasks is the number of tasks in the job. If it is 0, the launch is a probe: it computes
	// the number by [JobSize] and runs the direct loop over that job once, for its digest.
	Tasks   int
	Workers int    // for a probe: the largest number of workers of all cells with the task
	Fit     Fit    // for a probe of a program: it chooses the job
	Once    bool   // run the job only once; see [Fit.Once]
	Seed    uint64 // seed of the tasks
	MinTime time.Duration
	Dir     string   // an empty folder for this launch only
	Worker  []string // command of worker processes
	Program []string // command of the program measured as a task; nil for all other workloads
	Inputs  string   // file with the inputs of Program or Function
	// Function is the Python function measured as a task, as module:function; "" for all other
	// workloads.
	Function string
	Rules    workloads.Rules // rules for running Program
	Python   string          // interpreter of strategies of Python; "" for python3 in PATH
	Hung     time.Duration   // time after which a job in another program counts as hung; 0 for no limit
	Server   string          // address of the server that the tasks call; "" if none
	Serving  int             // process id of that server, whose CPU time is reported separately; 0 if none
	// Hub is the line that the server of the strategy printed; "" if the strategy has no server. It may
	// have a password.
	Hub    string
	HubPID int // process id of that server, whose CPU time is reported separately; 0 if none
	// ProfileDir requests profiles; the launch is then not a measurement. It is the folder into
	// which the launch and its worker processes write their profiles. Worker processes get the
	// folder through the environment variable [ProfileEnv].
	ProfileDir  string
	ProfileKind string // kind of the profiles, a row of package profiler; "" for cpu
	// Stages requests stamps on one task in Stages; the launch is then not a measurement. 0
	// means none.
	Stages int
}

// Environment variables by which a launch asks its worker processes for profiles.
const (
	ProfileEnv     = "PAYOFF_WORKER_PROFILE"      // folder of the profiles
	ProfileKindEnv = "PAYOFF_WORKER_PROFILE_KIND" // kind of the profiles
)

// A Result holds the values that a launch measured. The launch writes it as JSON to file
// descriptor 4.
type Result struct {
	Tasks     int     // tasks in the job
	Subsample bool    // for a probe: see [JobSize]
	Digest    uint64  // digest of the outputs; it must be equal for all jobs of a launch
	Work      float64 // for a probe: ns that one task takes alone
	Fitting   []int   // for a probe of a program: the numbers of workers to measure
	Once      bool    // for a probe of a program: see [Job].Once
	Selection Selection
	Inputs    []float64 // see [Sample].Inputs
	Busy      float64   // time in ns of all jobs: cold, warm-up and timed
	Reps      int
	Values    map[string]float64 // measured values, keyed by unit
	Absent    map[string]string  // reasons why Values has no value in a unit, keyed by unit
	Marks     []string           // marks that the launch itself can determine
	// Lagged is empty, or says that tasks of an open loop arrived too late in every attempt of the
	// launch. In that case Values holds only the number of attempts.
	Lagged string
	// Hung is empty, or says that a job in another program did not end. In that case Values is empty.
	Hung string
	// Ran is the number of tasks in all jobs, timed or not. Profiled is the time
	// from the start to the end of a profile of the launch.
	Ran      int
	Profiled time.Duration
	Staged   *Staged // stages of tasks; nil unless Spec.Stages requests them
	// Beyond is set for the direct loop. It is the CPU time that timed jobs used, without garbage
	// collection, divided by their wall time. It is about 1 or less if a task uses only the thread
	// that calls it. Working says that goroutines still computed after the last job had ended.
	Beyond  float64 `json:",omitempty"`
	Working bool    `json:",omitempty"`
	// Left says that tasks left processes running, such as programs in the background. The launch
	// or its launcher kills them.
	Left bool `json:",omitempty"`
}

// LaunchFolder is the beginning of the name of each launch's folder. A number follows.
const LaunchFolder = "launch-"
