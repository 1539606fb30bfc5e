package strategies

import "iter"

// feed is the feeder goroutine.
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
	var p, freed uint64 // next position; deliveries seen
	window := j.window
	for v := range inputs {
		// Room is made before the input is pulled, but the first is pulled already
		// when we come here; so room for the next is awaited at the end.
		for j.passed != nil && j.used[p&j.mask] {
			j.passed[p&j.mask] = true
			j.over.Add(1)
			p++
		}
		slot := p & j.mask
		if j.passed != nil {
			j.used[slot], j.number[slot] = true, pulled
			if j.passed[slot] { // seldom; takers read its cache line
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

// room waits until one more task may be pulled; false means never. Once the window is full it
// waits for more than one place, so that a feeder that is woken has something to do, unless a
// worker has nothing.
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

// feedable reports whether it is worth while to wake a feeder that waits for room.
func (j *streamJob[In, Out]) feedable() bool {
	return j.hungry.Load() || j.delivered.Load() >= j.feedFrom.Load()
}

// sip is how many places a feeder waits for.
func (j *streamJob[In, Out]) sip() uint64 { return max(1, j.window/4) }

// starve wakes a feeder that has room, but not as much as it waits for, since a worker has
// found nothing. It is called after hungry was set.
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
