package inproc

import "github.com/payoff-bench/payoff/strategies/work"

// Actor returns an executor of persistent goroutines with a mailbox each. The kernel's key function
// gives each task a key; the key modulo the number of workers is the number of the worker that runs
// the task. Tasks with equal keys therefore run on one worker, one at a time and in the order of
// the input, so the state of a key needs no lock. Futures with equal keys run in the order of their
// submission. There is no such order between tasks of two maps or streams, or between a future and
// a task of a stream.
//
// Without a key function, chunks go to the workers round robin. If a key function panics, only its
// task fails.
//
// Actor has the two properties of the actor model (Hewitt, Bishop and Steiger, IJCAI 1973; Agha,
// Actors, 1986) that matter for independent tasks: only one worker uses a state, and a name (here
// the key) decides which worker that is.
func Actor(workers int) work.Executor {
	t := new(turns)
	c := &crew{core: work.Core{Name: "actor"}, keyed: t, share: func(workers int) sharing {
		return &routes{shares: shares{dealing: newDealing(workers), turns: t}}
	}}
	return c.hire(workers)
}

// routes distributes the tasks of a job among the workers of Actor.
type routes struct {
	shares // distributes tasks in turn if there is no key function
	keys   []uint64
}

func (r *routes) fill(l *crewLease, w int) *work.Range { return r.dealing.fill(l, w, r.deal) }

// keysAtOnce is the largest number of keys that the method deal computes before it assigns their
// tasks.
const keysAtOnce = 1 << 12

// deal assigns each task of s to the worker that the key of the task selects. Without a key
// function, it assigns chunks to workers round robin. If the key function panics or calls Goexit
// for a task, this task fails, and its error names w as the worker.
func (r *routes) deal(l *crewLease, s work.Span, w int) {
	if l.job.Cancelled() != nil { // the job is cancelled: one worker can skip all tasks
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

// route returns the number of the worker that should run s, a job of one task. If the key function
// panics or calls Goexit, route returns an error.
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
