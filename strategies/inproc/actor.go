package inproc

import (
	"sync"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Actor returns persistent goroutines with a mailbox each. A task goes to the worker that its
// key names, by the kernel's key function modulo the number of workers. Tasks with one key thus
// run on one worker, one at a time and in the order of the input, and state that belongs to a
// key needs no lock. These are the two properties of the actor model (Hewitt, Bishop and
// Steiger, IJCAI 1973; Agha, Actors, 1986) that matter for independent tasks: state that only
// one worker touches, and routing by name.
//
// Without a key function, tasks go to the workers by turns, a chunk at a turn. A key function
// that panics fails its task alone. There is no order between jobs, nor between futures and
// streams; futures with equal keys run in the order in which they were submitted.
func Actor(workers int) work.Executor {
	t := new(turns)
	c := &crew{core: work.Core{Name: "actor"}, keyed: t, share: func(workers int) sharing {
		return &routes{shares: shares{dealing: newDealing(workers), turns: t}}
	}}
	return c.hire(workers)
}

// routes deals by key.
type routes struct {
	shares // by turns, where there are no keys
	keys   []uint64
}

func (r *routes) fill(l *crewLease, w int) *work.Range { return r.dealing.fill(l, w, r.deal) }

// keysAtOnce is how many keys are asked for at a time.
const keysAtOnce = 1 << 12

func (r *routes) deal(l *crewLease, s work.Span, w int) {
	if l.job.Cancelled() != nil { // they are only skipped
		r.give(l, max(w, 0), s)
		return
	}
	if !l.job.Terms().Keyed {
		r.byTurns(l, s)
		return
	}
	for s.Len() > 0 {
		err := r.ask(l.job, work.Span{Lo: s.Lo, Hi: min(s.Hi, s.Lo+keysAtOnce)})
		for _, key := range r.keys {
			r.give(l, workerOf(key, len(r.own)), work.Span{Lo: s.Lo, Hi: s.Lo + 1})
			s.Lo++
		}
		if err != nil {
			by := work.By{Worker: w}
			l.job.Fail(s.Lo, by, err)
			l.job.Finish(work.Span{Lo: s.Lo, Hi: s.Lo + 1}, by)
			s.Lo++
		}
	}
}

// byTurns deals chunks round robin, without regard to how many tasks there are: a mailbox
// is filled message by message.
func (r *routes) byTurns(l *crewLease, s work.Span) {
	size := l.job.Terms().Least()
	for s.Len() > 0 {
		if r.room == 0 {
			r.room, r.w = size, r.turns.next(1, len(r.own))
		}
		n := min(r.room, s.Len())
		r.give(l, r.w, work.Span{Lo: s.Lo, Hi: s.Lo + n})
		r.room -= n
		s.Lo += n
	}
}

// ask puts the keys of s into r.keys, up to one whose function did not return: err is its panic
// or Goexit. The function is the user's and may end its goroutine, so it gets one.
func (r *routes) ask(job work.Job, s work.Span) (err error) {
	r.keys = r.keys[:0]
	var wg sync.WaitGroup
	wg.Go(func() {
		returned := false
		defer func() {
			if !returned {
				err = work.Caught(recover())
			}
		}()
		for i := s.Lo; i < s.Hi; i++ {
			r.keys = append(r.keys, job.Key(i))
		}
		returned = true
	})
	wg.Wait()
	return err
}

func workerOf(key uint64, workers int) int { return int(key % uint64(workers)) }

// route returns the worker for a single. The key function is the user's and may end its
// goroutine, so it gets one.
func route(c *crew, s work.Single) (w int, err error) {
	if !s.Terms().Keyed {
		return c.keyed.next(1, len(c.workers)), nil
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		returned := false
		defer func() {
			if !returned {
				err = work.Caught(recover())
			}
		}()
		w = workerOf(s.Key(0), len(c.workers))
		returned = true
	})
	wg.Wait()
	return w, err
}
