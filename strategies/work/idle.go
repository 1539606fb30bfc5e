package work

import (
	"slices"
	"sync/atomic"
)

// Idle is the workers of an executor that sleep, and the protocol by which they are woken.
//
// A goroutine that makes tasks claimable publishes them first and calls Wanted after; a worker
// calls Park first and looks for tasks after. So one of the two sees the other, and no wake-up
// is lost. One worker at a time is woken to look for work: it wakes the next if it finds more
// than it can do, and says by Found that it looks no more.
//
// The caller holds the executor's lock during all methods but Wanted, Asleep, Looking and
// Found.
type Idle[W comparable] struct {
	asleep  atomic.Int32 // len(parked)
	looking atomic.Int32 // workers that were roused and have found nothing yet
	parked  []W          // the last one is woken first, its cache being warm
}

// Wanted reports whether a worker should be roused for new tasks: one sleeps and none looks.
func (i *Idle[W]) Wanted() bool { return i.asleep.Load() > 0 && i.looking.Load() == 0 }

// Asleep returns the number of workers that sleep.
func (i *Idle[W]) Asleep() int { return int(i.asleep.Load()) }

// Looking returns the number of workers that were roused and have found nothing yet.
func (i *Idle[W]) Looking() int { return int(i.looking.Load()) }

// Park adds w to the workers that sleep. It must look for work once more before it does.
func (i *Idle[W]) Park(w W) {
	i.parked = append(i.parked, w)
	i.asleep.Add(1)
}

// Unpark removes w, and reports whether it was there: if not, it was just taken or roused.
func (i *Idle[W]) Unpark(w W) bool {
	at := slices.Index(i.parked, w)
	if at < 0 {
		return false
	}
	i.parked = slices.Delete(i.parked, at, at+1)
	i.asleep.Add(-1)
	return true
}

// Last returns the worker that Take would, without taking it.
func (i *Idle[W]) Last() (w W, ok bool) {
	if n := len(i.parked); n > 0 {
		return i.parked[n-1], true
	}
	return w, false
}

// Take removes a worker for a task that is handed to it.
func (i *Idle[W]) Take() (w W, ok bool) {
	if w, ok = i.Last(); ok {
		i.parked = i.parked[:len(i.parked)-1]
		i.asleep.Add(-1)
	}
	return w, ok
}

// Rouse removes a worker to look for work, unless one is looking already.
func (i *Idle[W]) Rouse() (w W, ok bool) {
	if i.looking.Load() > 0 {
		return w, false
	}
	if w, ok = i.Take(); ok {
		i.looking.Add(1)
	}
	return w, ok
}

// Found ends the looking of a worker that was roused: it has work, or goes to sleep.
func (i *Idle[W]) Found() { i.looking.Add(-1) }

// All removes and returns all workers that sleep.
func (i *Idle[W]) All() []W {
	all := i.parked
	i.asleep.Add(-int32(len(all)))
	i.parked = nil
	return all
}
