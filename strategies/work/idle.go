package work

import (
	"slices"
	"sync/atomic"
)

// Idle holds the sleeping workers of an executor and implements the protocol for waking them.
//
// A goroutine that provides new tasks first publishes them and then calls Wanted. A worker first
// calls Park and then looks for tasks. Therefore at least one of the two sees the other: the
// goroutine sees the sleeping worker and wakes it, or the worker sees the new tasks. No wake-up is
// lost.
//
// The executor wakes one worker at a time to look for tasks. That worker calls Found when it stops
// looking. If it found more tasks than it can run, it wakes the next worker.
//
// The caller must hold the executor's lock, except for the methods Wanted, Asleep, Looking and
// Found.
type Idle[W comparable] struct {
	asleep  atomic.Int32 // len(parked)
	looking atomic.Int32 // number of woken workers that have not called Found yet
	parked  []W          // the last worker in the list is woken first, since its cache is warm
}

// Wanted reports whether new tasks should wake a worker: some worker sleeps and no worker is
// looking for tasks.
func (i *Idle[W]) Wanted() bool { return i.asleep.Load() > 0 && i.looking.Load() == 0 }

// Asleep returns the number of workers that sleep.
func (i *Idle[W]) Asleep() int { return int(i.asleep.Load()) }

// Looking returns the number of woken workers that have not called Found yet.
func (i *Idle[W]) Looking() int { return int(i.looking.Load()) }

// Park adds w to the sleeping workers. After Park the worker must look for tasks once more, and
// only then sleep.
func (i *Idle[W]) Park(w W) {
	i.parked = append(i.parked, w)
	i.asleep.Add(1)
}

// Unpark removes w from the sleeping workers and returns true. It returns false if another
// goroutine has removed w already, by Take, Rouse or All.
func (i *Idle[W]) Unpark(w W) bool {
	at := slices.Index(i.parked, w)
	if at < 0 {
		return false
	}
	i.parked = slices.Delete(i.parked, at, at+1)
	i.asleep.Add(-1)
	return true
}

// Last returns the worker that Take would return, but does not remove it. ok is false if no worker
// sleeps.
func (i *Idle[W]) Last() (w W, ok bool) {
	if n := len(i.parked); n > 0 {
		return i.parked[n-1], true
	}
	return w, false
}

// Take removes a sleeping worker from the list and returns it. The caller hands it a task. ok is
// false if no worker sleeps.
func (i *Idle[W]) Take() (w W, ok bool) {
	if w, ok = i.Last(); ok {
		i.parked = i.parked[:len(i.parked)-1]
		i.asleep.Add(-1)
	}
	return w, ok
}

// Rouse removes a sleeping worker from the list and returns it. The caller wakes it to look for
// tasks. ok is false if no worker sleeps or another worker is already looking.
func (i *Idle[W]) Rouse() (w W, ok bool) {
	if i.looking.Load() > 0 {
		return w, false
	}
	if w, ok = i.Take(); ok {
		i.looking.Add(1)
	}
	return w, ok
}

// Found records that a woken worker no longer looks for tasks, because it has found tasks or goes
// to sleep again.
func (i *Idle[W]) Found() { i.looking.Add(-1) }

// All removes all sleeping workers from the list and returns them.
func (i *Idle[W]) All() []W {
	all := i.parked
	i.asleep.Add(-int32(len(all)))
	i.parked = nil
	return all
}
