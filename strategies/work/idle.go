package work

import (
	"slices"
	"sync/atomic"
)

// Idle holds the sleeping workers of an executor and implements the protocol that wakes them.
//
// A goroutine that makes tasks claimable publishes them first and calls Wanted afterwards. A
// worker calls Park first and looks for tasks afterwards. One of the two therefore sees the
// other, and no wake-up is lost. The executor wakes one worker at a time to look for work. That
// worker calls Found when it stops looking, and wakes the next if it found more than it can do.
//
// The caller must hold the executor's lock for all methods except Wanted, Asleep, Looking and
// Found.
type Idle[W comparable] struct {
	asleep  atomic.Int32 // len(parked)
	looking atomic.Int32 // roused workers that have not called Found yet
	parked  []W          // the last wakes first, since its cache is warm
}

// Wanted reports whether new tasks should rouse a worker: one sleeps and none is looking.
func (i *Idle[W]) Wanted() bool { return i.asleep.Load() > 0 && i.looking.Load() == 0 }

// Asleep returns the number of workers that sleep.
func (i *Idle[W]) Asleep() int { return int(i.asleep.Load()) }

// Looking returns the number of roused workers that have not called Found yet.
func (i *Idle[W]) Looking() int { return int(i.looking.Load()) }

// Park adds w to the sleeping workers. The worker must look for work once more before it sleeps.
func (i *Idle[W]) Park(w W) {
	i.parked = append(i.parked, w)
	i.asleep.Add(1)
}

// Unpark removes w and returns true, or returns false if w was just taken or roused.
func (i *Idle[W]) Unpark(w W) bool {
	at := slices.Index(i.parked, w)
	if at < 0 {
		return false
	}
	i.parked = slices.Delete(i.parked, at, at+1)
	i.asleep.Add(-1)
	return true
}

// Last returns the worker that Take would return, without removing it.
func (i *Idle[W]) Last() (w W, ok bool) {
	if n := len(i.parked); n > 0 {
		return i.parked[n-1], true
	}
	return w, false
}

// Take removes and returns a worker that is to receive a task. ok is false if none sleeps.
func (i *Idle[W]) Take() (w W, ok bool) {
	if w, ok = i.Last(); ok {
		i.parked = i.parked[:len(i.parked)-1]
		i.asleep.Add(-1)
	}
	return w, ok
}

// Rouse removes and returns a worker that is to look for work. ok is false if none sleeps, or one
// is looking already.
func (i *Idle[W]) Rouse() (w W, ok bool) {
	if i.looking.Load() > 0 {
		return w, false
	}
	if w, ok = i.Take(); ok {
		i.looking.Add(1)
	}
	return w, ok
}

// Found records that a roused worker stops looking: it has work, or goes to sleep.
func (i *Idle[W]) Found() { i.looking.Add(-1) }

// All removes and returns all sleeping workers.
func (i *Idle[W]) All() []W {
	all := i.parked
	i.asleep.Add(-int32(len(all)))
	i.parked = nil
	return all
}
