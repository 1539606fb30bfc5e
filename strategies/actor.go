package strategies

import (
	"context"
	"sync"
)

// ActorStrategy is persistent goroutines with a mailbox each: a task goes to the worker
// that its key names, by [Kernel.Key] modulo the number of workers, so that whatever has
// one key is done by one worker, one at a time and in the order of the input, and state
// that belongs to a key needs no lock: a [Local] keeps it. Of the actor model (Hewitt,
// Bishop and Steiger, IJCAI 1973; Agha, Actors, 1986) these are the two properties that
// matter for independent tasks: state that one worker alone touches, and routing by name.
//
// Where the kernel has no key, tasks go to the workers by turns, a chunk at a turn. A key
// function that panics fails its task alone. Between jobs, also between futures and
// streams, there is no order, but for futures with equal keys: they run in the order in
// which they were submitted.
func ActorStrategy() Strategy {
	return Strategy{
		Name:         "actor",
		Doc:          "persistent goroutines with a mailbox each: a task goes to the worker that keeps the state of its key",
		Capabilities: Capabilities{Parallel: true, Keys: true},
		New: func(_ context.Context, c Config) (Executor, error) {
			n, err := c.WorkerCount()
			if err != nil {
				return nil, err
			}
			t := new(turns)
			crew := &crew{name: "actor", flat: true, keyed: t, share: func(workers int) sharing {
				return &routes{shares: shares{dealing: newDealing(workers), turns: t}}
			}}
			return crew.hire(n), nil
		},
	}
}

// routes deals by key.
type routes struct {
	shares // by turns, where there are no keys
	keys   []uint64
}

func (r *routes) fill(l *crewLease, w int) *Range { return r.dealing.fill(l, w, r.deal) }

// keysAtOnce is how many keys are asked for at a time.
const keysAtOnce = 1 << 12

func (r *routes) deal(l *crewLease, s Span, w int) {
	if l.job.Cancelled() != nil { // they are only skipped
		r.give(l, max(w, 0), s)
		return
	}
	for s.Len() > 0 {
		keyed, err := r.ask(l.job, Span{s.Lo, min(s.Hi, s.Lo+keysAtOnce)})
		if !keyed {
			r.byTurns(l, s)
			return
		}
		for _, key := range r.keys {
			r.give(l, workerOf(key, len(r.own)), Span{s.Lo, s.Lo + 1})
			s.Lo++
		}
		if err != nil {
			l.job.Fail(s.Lo, err)
			l.job.Finish(Span{s.Lo, s.Lo + 1}, w)
			s.Lo++
		}
	}
}

// byTurns deals chunks round robin, without regard to how many tasks there are: a mailbox
// is filled message by message.
func (r *routes) byTurns(l *crewLease, s Span) {
	size := l.job.Options().least()
	for s.Len() > 0 {
		if r.room == 0 {
			r.room, r.w = size, r.turns.next(1, len(r.own))
		}
		n := min(r.room, s.Len())
		r.give(l, r.w, Span{s.Lo, s.Lo + n})
		r.room -= n
		s.Lo += n
	}
}

// ask puts the keys of s into r.keys, up to one whose function did not return: err is what
// it did. The function is the user's and may end its goroutine, so it gets one.
func (r *routes) ask(job Job, s Span) (keyed bool, err error) {
	r.keys = r.keys[:0]
	var wg sync.WaitGroup
	wg.Go(func() {
		returned := false
		defer func() {
			if !returned {
				keyed, err = true, caught(recover())
			}
		}()
		for i := s.Lo; i < s.Hi; i++ {
			var key uint64
			if key, keyed = job.Key(i); !keyed {
				break
			}
			r.keys = append(r.keys, key)
		}
		returned = true
	})
	wg.Wait()
	return keyed, err
}

func workerOf(key uint64, workers int) int { return int(key % uint64(workers)) }

// route returns the worker for a future's task.
func route[In, Out any](c *crew, k Kernel[In, Out], in In) (w int, err error) {
	if k.Key == nil {
		return c.keyed.next(1, len(c.workers)), nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = taskError(0, caught(p))
		}
	}()
	return workerOf(k.Key(in), len(c.workers)), nil
}
