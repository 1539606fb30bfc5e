package harness

// A Timeline shows what the workers of one job, and the goroutines that hand tasks over, did in a
// short part of the job. Times are in ns since the submission of the job.
type Timeline struct {
	Cell     Cell
	From, To float64 // the part that is shown
	Makespan float64 // of the job
	// Even is the share of the parts of a job in which each worker takes ten tasks, while no worker takes
	// more than 40.
	Even  float64
	Lines []Line
	Left  int // workers that have no line
	// Marked is the makespan of the job divided by that of jobs that mark no tasks in the trace; 0 if
	// there are none.
	Marked float64
	// Collections and Collected are the number of garbage collections of the launch during the job, and
	// their time.
	Collections int
	Collected   float64
}

// A Line is one goroutine, one worker process, or the garbage collector of one process.
type Line struct {
	Name string
	Bars []Bar
}

// A Bar is what a [Line] did in a part of its time. Bars of stages lie within those of the states of
// their goroutine. An instant has To equal to From.
type Bar struct {
	Kind     BarKind
	From, To float64
}

// A BarKind is a stage of a task, a state of a goroutine, or an activity of the garbage collector.
type BarKind string

const (
	BarExecute    BarKind = "execute"
	BarEncode     BarKind = "encode"
	BarDecodeBack BarKind = "decode-back"
	BarTake       BarKind = "take"    // an instant: a stream pulls an input
	BarDeliver    BarKind = "deliver" // an instant: a stream delivers an outcome

	BarRunning BarKind = "running"
	BarSyscall BarKind = "system call"
	BarReady   BarKind = "ready" // it waits for a core

	BarCollect BarKind = "collect" // the mark phase
	BarStopped BarKind = "stopped" // the program is stopped
)
