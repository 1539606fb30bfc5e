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
	window := uint64(j.options.Window)
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
			j.used[slot], j.passed[slot] = true, false
		}
		j.in[slot], j.number[slot] = v, pulled
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

// room waits until one more task may be pulled; false means never.
func (j *streamJob[In, Out]) room(pulled, window uint64) bool {
	for !j.open(pulled, window) {
		if j.cause.Load() != nil {
			return false
		}
		j.feeder.sleep(asleep, nil, func() bool { return j.open(pulled, window) || j.cause.Load() != nil })
	}
	return j.cause.Load() == nil
}

// open reports whether the window has room.
func (j *streamJob[In, Out]) open(pulled, window uint64) bool {
	if t := j.watching; t != nil && t.hooks != nil && pulled-uint64(t.hooks.told.Load()) >= window {
		return false
	}
	return pulled-j.delivered.Load() < window
}
