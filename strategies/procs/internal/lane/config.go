// Package lane runs the tasks of jobs on worker processes, which package process starts as a
// [Config] says.
//
//  1. A [Pool] has a lane for each worker, and a lease for each job. A lease holds the tasks that
//     the pool has taken from the job and no lane has claimed (lease.go).
//  2. A lane is one goroutine that owns one worker process. It claims tasks (claim.go), encodes
//     and sends them (send.go), delivers outcomes (receive.go), takes tasks back for another
//     lane (recall.go), and waits (wait.go). A caller with a single task can borrow a lane and
//     do its work on the caller's goroutine (borrow.go).
//  3. A worker goes through the states of life.go. Its lane starts it (start.go), ends it
//     because of its age or of a task (end.go, deadline.go), and hands on the tasks of a worker
//     that has died (death.go).
//
// Lanes share only the jobs and the list of sleeping lanes (sleepers.go).
package lane

import (
	"time"

	"github.com/payoff-bench/payoff/strategies/procs/internal/process"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Config holds the settings of a Pool, with their defaults filled in.
type Config struct {
	Workers  int
	Process  process.Config
	OnDemand bool          // start a process when there is work for it
	OneChunk bool          // end it after one chunk
	Prefetch int           // most tasks sent to a worker without an outcome; 0 means no limit
	Ahead    time.Duration // of work sent to a worker without an outcome; 0 means the default
	Recycle  Recycle
	Grace    time.Duration // between the steps that end a process
	Spin     time.Duration // to poll a channel before a lane sleeps
	// StartError returns the error of a worker that could not be started. w is nil if there was
	// no worker; stderr is the end of its standard error.
	StartError func(w *work.Worker, err error, stderr string) error
}

// Recycle says when a healthy worker is replaced; 0 means never.
type Recycle struct {
	Tasks  int
	Age    time.Duration
	Memory int64
}

// Restarts counts the workers that were replaced or could not be started, by reason.
type Restarts struct{ Lost, Failed, Limit, Cancelled, Tasks, Age, Memory int64 }
