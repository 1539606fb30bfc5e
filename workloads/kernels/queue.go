package kernels

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// newQueue returns the workload queue, whose tasks are like the stages of a pipeline. Each task
// computes one half of its work and puts its number into the queue of the job. It then takes a
// number from the queue, usually of another task, and computes the other half. Goroutines share a
// channel. Processes share a named pipe, which never splits the four bytes of a number.
//
// Every task puts a number before it takes one, so no task waits for ever, even with one worker.
// After each job the workload checks that tasks took every number exactly once.
func newQueue() workloads.Workload {
	all := &queues{}
	k := strategies.Kernel[sharedTask, taken]{In: sharedCodec(), Out: takenCodec(), Func: all.run}
	return workloads.DefinePlain(workloads.Workload{
		Name:   "queue",
		Doc:    "computes, puts its number into the queue of the job and takes a number out: a channel among goroutines, a named pipe among processes; each number must come out exactly once",
		Uses:   "allocates nothing; a queue of 4 KiB moves from core to core",
		Grains: true,
		Shared: true,
	}, k, func(p workloads.Params) (workloads.Typed[sharedTask, taken], error) {
		return workloads.Typed[sharedTask, taken]{
			Input:  func(i, grain int) sharedTask { return newSharedTask(p, i, grain) },
			Number: taken.Number,
			Look:   eachOnce,
			Free:   func() error { all.here.Drop(p.Dir); return nil },
		}, syscall.Mkfifo(pipe(p.Dir), 0o600)
	})
}

// pipe returns the path of the named pipe in the folder of a job.
func pipe(dir string) string { return filepath.Join(dir, "queue") }

// queues holds the queues that this process has opened. The keys are the folders of the jobs.
type queues struct {
	here  workloads.Keyed[chan uint32]
	pipes workloads.Keyed[*os.File]
}

// room is the number of task numbers that fit in a channel. A named pipe has room for more.
const room = 1 << 10

// run runs the task t of the workload queue. It computes half of the work, puts the number of the
// task into the queue, takes a number out and computes the other half.
func (q *queues) run(ctx context.Context, t sharedTask) (o taken, err error) {
	a, err := t.spun(ctx, (t.Steps+1)/2)
	if err != nil {
		return o, err
	}
	if t.here() {
		c, _ := q.here.Of(t.Dir, func() (chan uint32, error) { return make(chan uint32, room), nil })
		strategies.Blocking(ctx, func() { o.Taken, err = throughChannel(ctx, c, t.Index) })
	} else {
		f, e := q.pipes.Of(t.Dir, func() (*os.File, error) { return os.OpenFile(pipe(t.Dir), os.O_RDWR, 0) })
		if e != nil {
			return o, fmt.Errorf("queue: %w", e)
		}
		strategies.Blocking(ctx, func() { o.Taken, err = throughPipe(f, t.Index) })
	}
	if err != nil {
		return o, err
	}
	b, err := t.spun(ctx, max(1, t.Steps/2))
	o.Outcome = workloads.Outcome{Index: t.Index, Value: a.Value ^ mix.Bits(b.Value)}
	return o, err
}

// send sends v to c. If ctx ends first, it returns the cause of ctx.
func send[T any](ctx context.Context, c chan<- T, v T) error {
	select {
	case c <- v:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// throughChannel puts the number n into channel c and takes a number from it.
func throughChannel(ctx context.Context, c chan uint32, n uint32) (uint32, error) {
	if err := send(ctx, c, n); err != nil {
		return 0, err
	}
	select {
	case n = <-c:
		return n, nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// throughPipe puts the number n into the pipe f and takes a number from it. A pipe never splits a
// write of four bytes, and never mixes it with another write.
func throughPipe(f *os.File, n uint32) (uint32, error) {
	if _, err := f.Write(binary.LittleEndian.AppendUint32(nil, n)); err != nil {
		return 0, err
	}
	var b [4]byte
	_, err := io.ReadFull(f, b[:])
	return binary.LittleEndian.Uint32(b[:]), err
}

// A taken is the outcome of a task of the workload queue. It contains the number that the task took
// from the queue.
type taken struct {
	workloads.Outcome
	Taken uint32
}

func takenCodec() strategies.Codec[taken] {
	return workloads.OutputCodec(4,
		func(dst []byte, t taken) []byte { return binary.LittleEndian.AppendUint32(dst, t.Taken) },
		func(o workloads.Outcome, rest []byte) taken { return taken{o, binary.LittleEndian.Uint32(rest)} })
}

// eachOnce returns an error unless the tasks took every number from the queue exactly once.
func eachOnce(out []taken) (map[string]float64, error) {
	seen := make([]bool, len(out))
	for _, o := range out {
		switch n := int(o.Taken); {
		case n >= len(out):
			return nil, fmt.Errorf("number %d came out of the queue, but the job has only %d tasks", n, len(out))
		case seen[n]:
			return nil, fmt.Errorf("number %d came out of the queue twice", n)
		default:
			seen[n] = true
		}
	}
	return nil, nil
}
