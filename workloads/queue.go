package workloads

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/payoff-bench/payoff/strategies"
)

// Queue computes half of the task, puts the task's number into the one queue of the job,
// takes a number from it, most likely another's, and computes the other half: stages that
// hand work on. Goroutines share a channel; processes share a pipe with a name, into which
// numbers go and come in one piece.
//
// Every task puts before it takes, so that none waits for ever, on however few workers.
// That each number was taken exactly once is looked at after each job.
func Queue() Workload {
	w := Workload{
		Name:   "queue",
		Doc:    "computes, puts its number into one queue and takes one: a channel among goroutines, a named pipe among processes; each number comes out exactly once",
		Uses:   "allocates nothing; a queue of 4 KiB that moves from core to core",
		Grains: true,
		Shared: true,
	}
	var here keyed[chan uint32]
	var pipes keyed[*os.File]
	k := strategies.Kernel[Share, Taken]{Name: w.Name, In: shareCodec(), Out: takenCodec()}
	k.Func = func(ctx context.Context, t Share) (o Taken, err error) {
		a, err := t.spun(ctx, (t.Steps+1)/2)
		if err != nil {
			return o, err
		}
		if t.Maker == uint32(os.Getpid()) {
			c, _ := here.of(t.Path, func() (chan uint32, error) { return make(chan uint32, queueRoom), nil })
			strategies.Blocking(ctx, func() { o.Number, err = throughChannel(ctx, c, t.Index) })
		} else {
			f, e := pipes.of(t.Path, func() (*os.File, error) { return os.OpenFile(t.Path, os.O_RDWR, 0) })
			if e != nil {
				return o, fmt.Errorf("queue: %w", e)
			}
			strategies.Blocking(ctx, func() { o.Number, err = throughPipe(f, t.Index) })
		}
		if err != nil {
			return o, err
		}
		b, err := t.spun(ctx, max(1, t.Steps/2))
		o.Outcome = Outcome{t.Index, a.Value ^ mix(b.Value)}
		return o, err
	}
	w.Kernel = k
	w.New = func(p Params) (Load, error) {
		if err := w.Check(p); err != nil {
			return nil, err
		}
		var all states
		made, err := all.make(w.Name, p.Dir)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(os.Remove(made.Path), syscall.Mkfifo(made.Path, 0o600)); err != nil {
			return nil, fmt.Errorf("workload %s: %w", w.Name, err)
		}
		return &Typed[Share, Taken]{
			Kernel: k,
			Params: p,
			Input: func(i, grain int) Share {
				return Share{task(p.Seed, i, uint64(grain)), made.Maker, made.Path}
			},
			Number: func(o Taken) (int, uint64) { return number(o.Outcome) },
			Look:   eachOnce,
			Free: func() error {
				here.drop(made.Path)
				return os.Remove(made.Path)
			},
		}, nil
	}
	return w
}

// queueRoom is how many numbers are in the queue at most; a pipe has room for some more.
const queueRoom = 1 << 10

func throughChannel(ctx context.Context, c chan uint32, n uint32) (uint32, error) {
	select {
	case c <- n:
	case <-ctx.Done():
		return 0, context.Cause(ctx)
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
	switch got, err := f.Read(b[:]); {
	case err != nil:
		return 0, err
	case got != len(b):
		return 0, fmt.Errorf("%s: a number of %d bytes", f.Name(), got)
	}
	return binary.LittleEndian.Uint32(b[:]), nil
}

// A Taken is an outcome and the number that its task took from the queue.
type Taken struct {
	Outcome
	Number uint32
}

func takenCodec() strategies.Codec[Taken] {
	const size = outcomeSize + 4
	return strategies.Codec[Taken]{
		Append: func(dst []byte, t Taken) ([]byte, error) {
			dst, _ = appendOutcome(dst, t.Outcome)
			return binary.LittleEndian.AppendUint32(dst, t.Number), nil
		},
		Decode: func(src []byte) (t Taken, err error) {
			if len(src) != size {
				return t, fmt.Errorf("outcome of %d bytes: must be %d", len(src), size)
			}
			t.Outcome, err = decodeOutcome(src[:outcomeSize])
			t.Number = binary.LittleEndian.Uint32(src[outcomeSize:])
			return t, err
		},
	}
}

// eachOnce returns an error unless every number was taken exactly once.
func eachOnce(out []Taken) (map[string]float64, error) {
	taken := make([]bool, len(out))
	for _, o := range out {
		switch n := int(o.Number); {
		case n >= len(out):
			return nil, fmt.Errorf("number %d came out of a queue that %d tasks put theirs into", n, len(out))
		case taken[n]:
			return nil, fmt.Errorf("number %d came out of the queue twice", n)
		default:
			taken[n] = true
		}
	}
	return nil, nil
}
