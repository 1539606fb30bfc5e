// Package lane runs the tasks of jobs on worker processes. Package process starts the processes,
// with the settings of a [Config].
//
//  1. A [Pool] has a lane for each worker, and a lease for each job. A lease holds the tasks that
//     the pool has taken from the job and that no lane has claimed (lease.go).
//  2. A lane is a goroutine that owns one worker process. It claims tasks (claim.go), encodes
//     and sends them (send.go), delivers outcomes (receive.go), takes tasks back for another
//     lane (recall.go), and waits (wait.go). A caller with a single task can borrow a lane and
//     do the work of the lane on its own goroutine (borrow.go).
//  3. A worker goes through the states of life.go. Its lane starts it (start.go), ends it
//     because of its age or of a task (end.go, deadline.go), and returns the tasks of a worker
//     that has died to their jobs (death.go).
//
// Lanes share only the leases and the list of sleeping lanes (sleepers.go).
package lane

import (
	"time"

	"github.com/payoff-bench/payoff/strategies/procs/internal/process"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Config holds the settings of a Pool, with all defaults filled in.
type Config struct {
	Core     *work.Core // of the executor
	Workers  int
	Process  process.Config
	OnDemand bool          // start a process only when there is work for it
	OneChunk bool          // end a process after one chunk
	Prefetch int           // largest number of tasks sent to a worker that have no outcome; 0 means no limit
	Ahead    time.Duration // approximate work sent to a worker that has no outcome; 0 means the default
	Recycle  Recycle
	Grace    time.Duration // delay between the steps by which a process is ended
	Spin     time.Duration // how long to poll a channel before a lane sleeps
	// StartError returns the error for a worker that could not be started. w is nil if there was no
	// worker; stderr holds the last lines of its standard error.
	StartError func(w *work.Worker, err error, stderr string) error
}

// Recycle says when a healthy worker is replaced: after a number of tasks, at an age, or at a
// memory size. 0 means never.
type Recycle struct {
	Tasks  int
	Age    time.Duration
	Memory int64
}

// Restarts counts the workers that were replaced or could not be started, by reason. procs.Restarts
// documents the reasons.
type Restarts struct{ Lost, Failed, Limit, Cancelled, Tasks, Age, Memory int64 }
