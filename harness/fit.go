package harness

import (
	"cmp"
	"slices"
	"time"
)

// The parts of the estimated time of a launch.
const (
	fixedTime = 50 * time.Millisecond // start, controls and end
	usualJobs = 6                     // jobs of a launch that warms up: cold, warm-up and timed
)

// If tasks are programs and the direct loop takes at least this time for a job, a launch runs the
// job only once. With a budget, a shorter time is enough, because many launches of one job are then
// worth more than a few launches of several jobs.
const (
	longJob     = time.Second
	budgetedJob = 250 * time.Millisecond
)

// If the budget allows more tasks, a job grows to at most one task per input, and to at most
// mostInputs tasks, because reports list each input.
const mostInputs = 1000

// A Fit chooses how many tasks a job has if each task runs a user's program. It makes the job small
// enough that the launches for a verdict fit into the remaining time, Left.
type Fit struct {
	Workers []int         // numbers of workers of the cells other than the direct loop
	Cores   int           // number of cores of the cells
	Inputs  int           // number of inputs of the program: tasks with different inputs differ
	Rounds  int           // rounds of the run; 0 means [FewestRounds]
	MinTime time.Duration // minimum time of a launch that runs several jobs
	Left    time.Duration // time for the rounds; 0 for no limit
}

// Job returns n, the number of tasks that the job should have, and the numbers of workers that the
// run should measure. The argument work is the time that one task takes alone. "The rounds" below
// are those that a verdict needs.
//
// The usual size of a job is the one that [JobSize] returns. For tasks so long that JobSize sets
// subsample, the usual size is rounded up, so that all workers have equally many tasks. Job returns
// the first of these sizes that is possible:
//
//   - the usual size, if the time f.Left has no limit
//   - a larger size, up to one task per input, if the rounds then take at most half of f.Left
//   - the usual or a smaller size with at least one task per worker, if the rounds then take at
//     most f.Left
//
// If none is possible, Job leaves out a number of workers and tries again. It first leaves out 1,
// which differs little from the direct loop, and then the largest number. With a single number
// left, it returns the number of tasks with which the rounds take the least time.
func (f Fit) Job(work time.Duration) (n int, workers []int) {
	workers = slices.Sorted(slices.Values(f.Workers))
	for {
		most := workers[len(workers)-1]
		usual, sub := JobSize(work, most)
		if sub {
			usual = (usual + most - 1) / most * most
		}
		if f.Left == 0 {
			return usual, workers
		}
		if n := f.largest(work, workers, usual, max(usual, min(f.Inputs, mostInputs)), f.Left/2); n > 0 {
			return n, workers
		}
		if n := f.largest(work, workers, most, usual, f.Left); n > 0 {
			return n, workers
		}
		switch {
		case len(workers) == 1:
			return f.cheapest(work, workers, usual), workers
		case workers[0] == 1:
			workers = workers[1:]
		default:
			workers = workers[:len(workers)-1]
		}
	}
}

// Once reports whether a launch runs its job only once. The argument serial is the time that the
// direct loop takes for the job. One execution of a long job is enough: each task is a new process,
// so a launch has nothing to warm up.
func (f Fit) Once(serial time.Duration) bool {
	if f.Left > 0 {
		return serial >= budgetedJob
	}
	return serial >= longJob
}

// cheapest returns the number of tasks with which the rounds take the least time. It considers the
// largest number of workers, and the multiples of this number up to most.
func (f Fit) cheapest(work time.Duration, workers []int, most int) int {
	wide := workers[len(workers)-1]
	best := wide
	for n := 2 * wide; n <= most; n += wide {
		if f.time(work, workers, n) < f.time(work, workers, best) {
			best = n
		}
	}
	return best
}

// largest returns the largest number of tasks with which the rounds take at most the time left. It
// considers most itself, and the multiples of the largest number of workers from least to most. If
// the rounds take longer with each of these numbers, largest returns 0.
func (f Fit) largest(work time.Duration, workers []int, least, most int, left time.Duration) int {
	if f.time(work, workers, most) <= left {
		return most
	}
	wide := workers[len(workers)-1]
	most = min(most, int(left/max(work, 1))+wide) // with more tasks, one launch of the direct loop would take longer than the time left
	for n := most / wide * wide; n >= max(least, 1); n -= wide {
		if f.time(work, workers, n) <= left {
			return n
		}
	}
	return 0
}

// time returns the estimated time of the rounds that a verdict needs, for a job of n tasks. A round
// consists of two launches of the direct loop and a launch for each number of workers.
func (f Fit) time(work time.Duration, workers []int, n int) time.Duration {
	round := 2 * f.Launch(work, n, 1)
	for _, w := range workers {
		round += f.Launch(work, n, w)
	}
	return round * time.Duration(min(cmp.Or(f.Rounds, FewestRounds), FewestRounds))
}

// Launch returns the estimated time of a launch whose job has n tasks. The argument work is the
// time of one task. Launch assumes that tasks compute: more workers than cores do not make the job
// shorter.
func (f Fit) Launch(work time.Duration, n, workers int) time.Duration {
	serial := time.Duration(n) * work
	job := serial / time.Duration(min(workers, max(1, f.Cores)))
	if f.Once(serial) {
		return fixedTime + job
	}
	return fixedTime + max(usualJobs*job, 2*f.MinTime)
}
