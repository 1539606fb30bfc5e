// Package lane runs the tasks of jobs on worker processes. It knows processes as package
// process gives them, and how they start and what they are given as numbers in a [Config].
//
//  1. A [Pool] has a lane for each worker, and a lease for each job. A lease is what the pool
//     took of the job and no lane has claimed; see lease.go.
//  2. A lane is one goroutine that owns one worker process: it claims tasks (claim.go), encodes
//     and sends them (send.go), passes on outcomes (receive.go), takes tasks back that another
//     lane should have (recall.go), and waits (wait.go). A caller with a single task borrows
//     a lane and does all this itself (borrow.go).
//  3. A worker goes through the states of life.go. A lane starts it (start.go), ends it
//     because of its age or of a task (end.go, deadline.go), and passes on the tasks of one
//     that has died (death.go).
//
// Lanes share the jobs, and the list of those that sleep (sleepers.go), and nothing else.
package lane

import (
	"time"

	"github.com/payoff-bench/payoff/strategies/procs/internal/process"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Config is what lanes need to know. Its defaults are filled in.
type Config struct {
	Workers  int
	Process  process.Config
	OnDemand bool          // a process is started when there is work for it
	OneChunk bool          // and ends after a chunk
	Prefetch int           // tasks on their way to a worker and at it; 0 is no limit
	Ahead    time.Duration // of work on its way to a worker; 0 is the default
	Recycle  Recycle
	Grace    time.Duration // from one step in ending a process to the next
	Spin     time.Duration // to look at a channel before a lane sleeps
	// StartError returns the error of a worker that did not come to be; w is nil if there was
	// none, and stderr what it wrote to its standard error.
	StartError func(w *work.Worker, err error, stderr string) error
}

// Recycle says when a worker is replaced although nothing is wrong with it; 0 is never.
type Recycle struct {
	Tasks  int
	Age    time.Duration
	Memory int64
}

// Restarts counts the workers that were replaced or could not be started, by reason.
type Restarts struct{ Lost, Failed, Limit, Cancelled, Tasks, Age, Memory int64 }
