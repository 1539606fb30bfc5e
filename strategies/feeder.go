package strategies

import "iter"

// feed pulls inputs into slots until the input or the job ends. It runs in the feeder goroutine of
// the stream.
func (j *streamJob[In, Out]) feed(inputs iter.Seq[In]) {
	pulled, finished := 0, false
	defer func() {
		if !finished {
			j.inErr = inputError(pulled, recover())
		}
		j.pulled.Store(uint64(pulled))
		j.ended.Store(true)
		j.lease.Wake()
		j.consumer.wake()
	}()
	var p, freed uint64 // next position; number of deliveries processed
	window := j.window
	for v := range inputs {
		// The window must have room before the next input is pulled. The range statement pulls it
		// after the loop body, so the end of the body waits for room.
		for j.passed != nil && j.used[p&j.mask] {
			j.passed[p&j.mask] = true
			j.over.Add(1)
			p++
		}
		slot := p & j.mask
		if j.passed != nil {
			j.used[slot], j.number[slot] = true, pulled
			if j.passed[slot] { // write only if true, which is rare, since takers read this cache line
				j.passed[slot] = false
			}
		}
		j.in[slot] = v
		pulled++
		p++
		j.fed.Store(p)
		if j.hungry.Load() && j.hungry.CompareAndSwap(true, false) {
			j.lease.Wake()
			if j.nested {
				j.consumer.wake()
			}
		}
		if !j.room(uint64(pulled), window) {
			break
		}
		if j.freed != nil {
			for d := j.delivered.Load(); freed < d; freed++ {
				j.used[j.freed[freed&j.mask]] = false
			}
		}
	}
	finished = true
}

// room waits until the feeder may pull one more task, and then returns true. It returns false if
// the job was cancelled. pulled is the number of tasks pulled so far, and window the largest number
// of pulled tasks that are not delivered yet.
//
// If the window is full, room waits until the consumer has delivered several tasks, so that the
// feeder (the goroutine that pulls inputs) wakes less often. If a worker has no task, room waits
// for one delivery only.
func (j *streamJob[In, Out]) room(pulled, window uint64) bool {
	for !j.mayPull(pulled, window) {
		if j.cause.Load() != nil {
			return false
		}
		j.feedFrom.Store(pulled - window + j.wakeAfter())
		j.feeder.sleep(asleep, nil, func() bool { return j.mayPull(pulled, window) && j.feedable() || j.cause.Load() != nil })
	}
	return j.cause.Load() == nil
}

// feedable reports whether the consumer has delivered enough tasks to wake the feeder, the
// goroutine that pulls inputs, from its sleep in the method room. If a worker has no task, one free
// place in the window is enough.
func (j *streamJob[In, Out]) feedable() bool {
	return j.hungry.Load() || j.delivered.Load() >= j.feedFrom.Load()
}

// wakeAfter returns the number of places of a full window that must become free before the feeder
// (the goroutine that pulls inputs) wakes.
func (j *streamJob[In, Out]) wakeAfter() uint64 { return max(1, j.window/4) }

// starve is called by a worker that has found no task and has set the flag hungry. The feeder (the
// goroutine that pulls inputs) normally sleeps until several places of the window are free. starve
// wakes the feeder if even one place is free.
func (j *streamJob[In, Out]) starve() {
	if j.delivered.Load()+j.wakeAfter() > j.feedFrom.Load() {
		j.feeder.wake()
	}
}

// mayPull reports whether the feeder may pull one more task now. pulled is the number of tasks
// pulled so far. At most window of these tasks may still wait for their hooks or for their
// delivery.
func (j *streamJob[In, Out]) mayPull(pulled, window uint64) bool {
	if t := j.watching; t != nil && t.hooks != nil && pulled-uint64(t.hooks.done.Load()) >= window {
		return false
	}
	return pulled-j.delivered.Load() < window
}
