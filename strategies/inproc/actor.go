package inproc

import "github.com/payoff-bench/payoff/strategies/work"

// Actor returns an executor of persistent goroutines with a mailbox each. A task goes to the
// worker whose number is its key, from the kernel's key function, modulo the number of workers.
// Tasks with equal keys run on one worker, one at a time and in the order of the input, so the
// state of a key needs no lock. The actor model (Hewitt, Bishop and Steiger, IJCAI 1973; Agha,
// Actors, 1986) has two properties that matter for independent tasks: state that only one worker
// uses, and routing by name. Actor has both.
//
// Without a key function, the workers receive one chunk each in turn. A key function that panics
// fails only its task. Futures with equal keys run in the order of their submission. There is no
// order between jobs, or between futures and streams.
func Actor(workers int) work.Executor {
	t := new(turns)
	c := &crew{core: work.Core{Name: "actor"}, keyed: t, share: func(workers int) sharing {
		return &routes{shares: shares{dealing: newDealing(workers), turns: t}}
	}}
	return c.hire(workers)
}

// routes is the sharing of Actor.
type routes struct {
	shares // deals in turn without a key function
	keys   []uint64
}

func (r *routes) fill(l *crewLease, w int) *work.Range { return r.dealing.fill(l, w, r.deal) }

// keysAtOnce is the number of keys that deal computes at a time.
const keysAtOnce = 1 << 12

// deal deals the tasks of s by key. A task whose key function does not return fails.
func (r *routes) deal(l *crewLease, s work.Span, w int) {
	if l.job.Cancelled() != nil { // one worker can skip all tasks
		r.give(l, max(w, 0), s)
		return
	}
	if !l.job.Terms().Keyed {
		r.inTurn(l, s, l.job.Terms().Least())
		return
	}
	for s.Len() > 0 {
		lo, hi := s.Lo, min(s.Hi, s.Lo+keysAtOnce)
		r.keys = r.keys[:0]
		err := guarded(func() {
			for i := lo; i < hi; i++ {
				r.keys = append(r.keys, l.job.Key(i))
			}
		})
		for _, key := range r.keys {
			r.give(l, workerOf(key, len(r.own)), work.Span{Lo: s.Lo, Hi: s.Lo + 1})
			s.Lo++
		}
		if err != nil {
			by := work.By{Worker: w}
			l.job.Fail(s.Lo, by, keyError(err))
			l.job.Finish(work.Span{Lo: s.Lo, Hi: s.Lo + 1}, by)
			s.Lo++
		}
	}
}

func workerOf(key uint64, workers int) int { return int(key % uint64(workers)) }

// route returns the worker for a single, or the error of a key function that does not return.
func route(c *crew, s work.Single) (w int, err error) {
	if !s.Terms().Keyed {
		return c.keyed.next(1, len(c.workers)), nil
	}
	if err = guarded(func() { w = workerOf(s.Key(0), len(c.workers)) }); err != nil {
		return 0, keyError(err)
	}
	return w, nil
}

func keyError(err error) error { return &work.CallbackError{Callback: "key function", Err: err} }
