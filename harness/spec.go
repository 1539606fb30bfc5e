package harness

import "time"

// A Spec describes a launch: JSON on its file descriptor 3.
type Spec struct {
	Cell Cell
	// Tasks is how many tasks the job has. 0 asks for a probe instead: the launch finds
	// the size by [JobSize] and runs the direct loop over it once, for its digest.
	Tasks   int
	Workers int    // of a probe: the most that any cell of the task has
	Seed    uint64 // of the tasks
	MinTime time.Duration
	Dir     string   // an empty folder of the launch's own
	Worker  []string // the program that worker processes run, with its arguments
	Program []string // the program that is a task, with its arguments; nil for all workloads but that
	Inputs  string   // the file with the inputs of Program
	Server  string   // address of the server that the tasks ask; "" if none
	Serving int      // its process, whose CPU time is counted apart; 0 if none
	// ProfileDir asks for CPU profiles; the launch is then no measurement. Its own goes to
	// launch.pprof in that folder; worker processes find the folder in the environment
	// variable [ProfileEnv] and write <pid>.pprof there.
	ProfileDir string
}

// ProfileEnv is the environment variable that tells worker processes where to write their
// CPU profile, as <pid>.pprof.
const ProfileEnv = "PAYOFF_WORKER_PROFILE"

// A Result is the answer of a launch: JSON on its file descriptor 4.
type Result struct {
	Tasks     int     // in the job
	Subsample bool    // of a probe: see [JobSize]
	Digest    uint64  // of every job that the launch ran; they agreed
	Work      float64 // of a probe: ns that one task takes alone
	Busy      float64 // ns in jobs: the cold one, warm-up and timed
	Reps      int
	Values    map[string]float64 // by unit
	Absent    map[string]string  // why a unit is not in Values, as far as there is something to say
	Marks     []string           // why the launch is suspect, as far as it can tell by itself
	// Lagged is not empty if the tasks of an open loop arrived too late in each of the loops that
	// the launch made, and says why. Values holds the number of loops then.
	Lagged string
}

// LaunchFolder begins the name of the folder that a launch has while it runs; a number follows.
const LaunchFolder = "launch-"
