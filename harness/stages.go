package harness

// A Staged holds the times of the stages of tasks. A launch measured them by stamps, on one clock
// for all processes. Times are in ns; the time of one reading of the clock is subtracted from each
// stage.
type Staged struct {
	Every   int     // of every Every tasks in a row, one was stamped, chosen at random
	Tasks   int     // stamped tasks
	Dropped int     // stamped tasks that are left out, because their stamps were out of order
	Reading float64 // time of one reading of the clock
	Stages  []StageTime
	Total   float64 // mean time from the submission of a task to the delivery of its outcome
	// Rest is the part of Total outside all stages: readings of the clock and gaps between stages.
	Rest float64
	// Plain and Stamped are the median makespans of jobs without and with stamps, which alternated.
	Plain, Stamped float64
}

// A StageTime is the time of one stage.
type StageTime struct {
	Name         string
	Mean, Median float64
}
