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

// Queue computes half of the task, puts the task's number into the one queue of the job,
// takes a number from it, most likely another's, and computes the other half: stages that
// hand work on. Goroutines share a channel; processes share a pipe with a name, into which
// numbers go and come in one piece.
//
// Every task puts before it takes, so that none waits for ever, on however few workers.
// That each number was taken exactly once is looked at after each job.
func Queue() workloads.Workload {
	all := &queues{}
	k := strategies.Kernel[sharedTask, taken]{In: sharedCodec(), Out: takenCodec(), Func: all.run}
	return workloads.Define(workloads.Workload{
		Name:   "queue",
		Doc:    "computes, puts its number into one queue and takes one: a channel among goroutines, a named pipe among processes; each number comes out exactly once",
		Uses:   "allocates nothing; a queue of 4 KiB that moves from core to core",
		Grains: true,
		Shared: true,
	}, k, func(p workloads.Params) (t workloads.Typed[sharedTask, taken], err error) {
		job, err := newShared("queue", p.Dir)
		if err != nil {
			return t, err
		}
		t.Input = func(i, grain int) sharedTask { return job.at(p, i, grain) }
		t.Number, t.Look = taken.Number, eachOnce
		t.Free = func() error {
			all.here.Drop(job.Dir)
			return os.RemoveAll(job.Dir)
		}
		return t, syscall.Mkfifo(pipe(job), 0o600)
	})
}

// pipe returns the path of a job's pipe.
func pipe(job sharedTask) string { return filepath.Join(job.Dir, "queue") }

// queues are those of each job, by its folder, as a process has them.
type queues struct {
	here  workloads.Keyed[chan uint32]
	pipes workloads.Keyed[*os.File]
}

// room is how many numbers are in a channel at most; a pipe has room for some more.
const room = 1 << 10

func (q *queues) run(ctx context.Context, t sharedTask) (o taken, err error) {
	a, err := t.spun(ctx, (t.Steps+1)/2)
	if err != nil {
		return o, err
	}
	if t.here() {
		c, _ := q.here.Of(t.Dir, func() (chan uint32, error) { return make(chan uint32, room), nil })
		strategies.Blocking(ctx, func() { o.Taken, err = throughChannel(ctx, c, t.Index) })
	} else {
		f, e := q.pipes.Of(t.Dir, func() (*os.File, error) { return os.OpenFile(pipe(t), os.O_RDWR, 0) })
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

// send puts v into c, unless ctx ends before there is room.
func send[T any](ctx context.Context, c chan<- T, v T) error {
	select {
	case c <- v:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

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

// throughPipe writes and reads four bytes, which no pipe cuts or mixes with others'.
func throughPipe(f *os.File, n uint32) (uint32, error) {
	if _, err := f.Write(binary.LittleEndian.AppendUint32(nil, n)); err != nil {
		return 0, err
	}
	var b [4]byte
	_, err := io.ReadFull(f, b[:])
	return binary.LittleEndian.Uint32(b[:]), err
}

// taken is an outcome and the number that its task took from the queue.
type taken struct {
	workloads.Outcome
	Taken uint32
}

func takenCodec() strategies.Codec[taken] {
	return workloads.OutputCodec(4,
		func(dst []byte, t taken) []byte { return binary.LittleEndian.AppendUint32(dst, t.Taken) },
		func(o workloads.Outcome, rest []byte) taken { return taken{o, binary.LittleEndian.Uint32(rest)} })
}

// eachOnce returns an error unless every number was taken exactly once.
func eachOnce(out []taken) (map[string]float64, error) {
	seen := make([]bool, len(out))
	for _, o := range out {
		switch n := int(o.Taken); {
		case n >= len(out):
			return nil, fmt.Errorf("number %d came out of a queue that %d tasks put theirs into", n, len(out))
		case seen[n]:
			return nil, fmt.Errorf("number %d came out of the queue twice", n)
		default:
			seen[n] = true
		}
	}
	return nil, nil
}
