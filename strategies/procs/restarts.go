package procs

import "sync/atomic"

// Restarts is how many workers were replaced, or could not be started, and why.
type Restarts struct {
	Lost      int64 // ended by themselves, were killed by somebody else, or sent nonsense
	Failed    int64 // did not come to be, or started no task
	Limit     int64 // ran a task that was over its limit
	Cancelled int64 // ran a task that was cancelled
	Tasks     int64 // had run Recycle.Tasks tasks, or their one task or chunk
	Age       int64 // had lived for Recycle.Age
	Memory    int64 // occupied more than Recycle.Memory
}

// Restarts returns what there was since New.
func (x *Executor) Restarts() Restarts {
	r := &x.restarts
	return Restarts{
		Lost: r.lost.Load(), Failed: r.failed.Load(), Limit: r.limit.Load(), Cancelled: r.cancelled.Load(),
		Tasks: r.tasks.Load(), Age: r.age.Load(), Memory: r.memory.Load(),
	}
}

type counter = atomic.Int64

type restarts struct{ lost, failed, limit, cancelled, tasks, age, memory counter }
