package strategies

import "iter"

// feed is the feeder goroutine: it pulls inputs into slots.
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
		// The window must have room before an input is pulled. The range statement pulls the next
		// input after the body, so the end of the body waits for room.
		for j.passed != nil && j.used[p&j.mask] {
			j.passed[p&j.mask] = true
			j.over.Add(1)
			p++
		}
		slot := p & j.mask
		if j.passed != nil {
			j.used[slot], j.number[slot] = true, pulled
			if j.passed[slot] { // rarely true; takers read this cache line, so write only then
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

// room waits until one more task may be pulled, and returns false if the job was cancelled. When the
// window is full it waits for several free places, so that each wake-up serves several tasks. If a
// worker has no task, it waits only for one.
func (j *streamJob[In, Out]) room(pulled, window uint64) bool {
	for !j.open(pulled, window) {
		if j.cause.Load() != nil {
			return false
		}
		j.feedFrom.Store(pulled - window + j.sip())
		j.feeder.sleep(asleep, nil, func() bool { return j.open(pulled, window) && j.feedable() || j.cause.Load() != nil })
	}
	return j.cause.Load() == nil
}

// feedable reports whether to wake a feeder that waits for room.
func (j *streamJob[In, Out]) feedable() bool {
	return j.hungry.Load() || j.delivered.Load() >= j.feedFrom.Load()
}

// sip returns the number of free places that a feeder waits for.
func (j *streamJob[In, Out]) sip() uint64 { return max(1, j.window/4) }

// starve wakes a feeder that has some room, but less than it waits for, because a worker found no
// task. It is called after hungry was set.
func (j *streamJob[In, Out]) starve() {
	if j.delivered.Load()+j.sip() > j.feedFrom.Load() {
		j.feeder.wake()
	}
}

// open reports whether the window has room.
func (j *streamJob[In, Out]) open(pulled, window uint64) bool {
	if t := j.watching; t != nil && t.hooks != nil && pulled-uint64(t.hooks.told.Load()) >= window {
		return false
	}
	return pulled-j.delivered.Load() < window
}
