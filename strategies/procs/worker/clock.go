//go:build unix

package worker

import (
	"runtime"
	"time"
)

// A clock says when results have waited long enough, and reads the time only every
// so many tasks while tasks are fast. So a prompt result waits for 50 µs at most,
// unless a task in the middle of fast ones turns out slow.
type clock struct {
	base     time.Time
	checked  time.Duration // when the time was last read, since base
	sent     time.Duration // when the buffer was last empty, since base
	yielded  time.Duration // when the goroutine last yielded, since base
	every    int           // tasks between two readings
	untilNow int           // tasks until the next one
}

const (
	flushPrompt = 50 * time.Microsecond
	flushAfter  = 2 * time.Millisecond
	slowTask    = 2 * time.Microsecond // from here on the time is read after every task
	mostBlind   = 64                   // tasks between two readings at most
	blindTime   = 16 * time.Microsecond
	yieldAfter  = 2 * time.Millisecond // see late
)

func (c *clock) start() {
	if c.base.IsZero() {
		c.base = time.Now()
	}
	c.every = max(c.every, 1)
	c.checked = time.Since(c.base)
	c.sent = c.checked
	c.untilNow = c.every
}

func (c *clock) flushed() { c.sent = c.checked }

// late is called after every task.
func (c *clock) late(prompt bool) bool {
	if c.untilNow--; c.untilNow > 0 {
		return false
	}
	now := time.Since(c.base)
	took := (now - c.checked) / time.Duration(c.every)
	if took > slowTask {
		c.every = 1
	} else {
		c.every = max(1, min(2*c.every, mostBlind, int(blindTime/max(took, 1))))
	}
	c.checked, c.untilNow = now, c.every
	if now-c.yielded > yieldAfter {
		// Nobody waits for this thread. But a goroutine that runs for 10 ms makes Go's
		// monitor thread wake every 20 µs for a while, on a core that is busy.
		runtime.Gosched()
		c.yielded = now
	}
	// A slow task will probably be followed by another: do not wait behind it.
	after := flushAfter
	if prompt {
		after = flushPrompt
	}
	return now-c.sent > after || took > flushPrompt/4 && prompt
}
