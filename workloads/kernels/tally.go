package kernels

import (
	"context"
	"encoding/binary"
	"os"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/work"
	"github.com/payoff-bench/payoff/workloads"
)

// busiestUnit is the unit of the largest number of tasks that one worker ran in a job.
const busiestUnit = "busiest-tasks/op"

// newTally returns the workload tally, whose tasks compute like those of spin and return the number
// of the worker that runs them. After each job, the workload counts the tasks of each worker.
//
// A goroutine is identified by its number in the executor, and a worker process by its process id.
func newTally() workloads.Workload {
	k := strategies.Kernel[workloads.Task, tallied]{
		In: workloads.TaskCodec(),
		Out: workloads.OutputCodec(8,
			func(dst []byte, t tallied) []byte { return binary.LittleEndian.AppendUint64(dst, t.Worker) },
			func(o workloads.Outcome, rest []byte) tallied { return tallied{o, binary.LittleEndian.Uint64(rest)} }),
		Func: func(ctx context.Context, t workloads.Task) (tallied, error) {
			o, err := spin(ctx, t)
			return tallied{o, workerOf(ctx)}, err
		},
	}
	return workloads.DefinePlain(workloads.Workload{
		Name:   "tally",
		Doc:    "computes like spin, and counts the tasks that each worker runs",
		Uses:   "allocates nothing, touches no memory",
		Grains: true,
	}, k, func(p workloads.Params) (workloads.Typed[workloads.Task, tallied], error) {
		return workloads.Typed[workloads.Task, tallied]{
			Input:  func(i, grain int) workloads.Task { return p.Task(i, spinCount(grain)) },
			Number: tallied.Number,
			Look:   busiest,
		}, nil
	})
}

// workerOf returns a number that identifies the worker that runs the task with context ctx. The
// upper 32 bits are the process id, and the lower 32 bits are the number of the worker in the
// executor of this process.
func workerOf(ctx context.Context) uint64 {
	id := uint64(os.Getpid()) << 32
	if at, ok := ctx.Value(work.PlaceKey{}).(*work.Place); ok {
		id |= uint64(uint32(at.Worker))
	}
	return id
}

// A tallied is the outcome of a task of the workload tally, with the worker that ran the task.
type tallied struct {
	workloads.Outcome
	Worker uint64
}

// busiest returns the largest number of tasks that one worker ran.
func busiest(out []tallied) (map[string]float64, error) {
	count := map[uint64]int{}
	most := 0
	for _, o := range out {
		count[o.Worker]++
		most = max(most, count[o.Worker])
	}
	return map[string]float64{busiestUnit: float64(most)}, nil
}
