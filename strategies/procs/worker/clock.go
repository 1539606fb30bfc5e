//go:build unix

package worker

import (
	"runtime"
	"time"
)

// A clock decides when a worker must send its buffered results. While tasks are fast, it does not
// read the time after every task. The worker sends a result of a stream within 50 µs, except if a
// slow task follows fast ones.
type clock struct {
	base     time.Time
	checked  time.Duration // time of the last reading, since base
	sent     time.Duration // when the buffer was last empty, since base
	yielded  time.Duration // when the goroutine last called Gosched, since base
	every    int           // number of tasks between two readings
	untilNow int           // number of tasks until the next reading
}

const (
	flushPrompt = 50 * time.Microsecond
	flushAfter  = 2 * time.Millisecond
	slowTask    = 2 * time.Microsecond  // after a task slower than this, the time is read after every task
	mostBlind   = 64                    // largest number of tasks between two readings
	blindTime   = 16 * time.Microsecond // longest expected time between two readings
	yieldAfter  = 2 * time.Millisecond  // time between two calls of Gosched
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

// late reports whether the worker must send the buffered results now. The worker calls it after
// every task. The argument prompt is true for a task of a stream, whose results are sent sooner
// than those of a map.
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
		// No goroutine waits for this thread. But if a goroutine runs for 10 ms without a yield,
		// the monitor thread of the Go runtime runs every 20 µs for a while, on a busy core.
		runtime.Gosched()
		c.yielded = now
	}
	// A slow task is probably followed by another slow task, so send before it runs.
	after := flushAfter
	if prompt {
		after = flushPrompt
	}
	return now-c.sent > after || took > flushPrompt/4 && prompt
}
