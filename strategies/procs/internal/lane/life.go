//go:build unix

package lane

import "fmt"

// A life is where the worker of a lane is in its life:
//
//	gone → starting → ready ⇄ busy
//	           │         │      │
//	           │         └──────┴──→ retiring
//	           └── any but gone ──────────────→ lost → gone
//
// Only a lane moves it, by [life.on]. The supervisor of the process tells the lane what
// has happened to it.
type life uint8

const (
	gone     life = iota // there is no process
	starting             // it has not answered, or not been prepared
	ready                // it waits for tasks
	busy                 // it has tasks
	retiring             // it was asked to end, and may still send outcomes
	lost                 // nothing is expected of it any more: it was killed, or is ending by itself

	lives
)

func (s life) String() string {
	return [lives]string{"gone", "starting", "ready", "busy", "retiring", "lost"}[s]
}

// An event moves a life on.
type event uint8

const (
	launched event = iota // a process is being started
	answered              // it is prepared
	sent                  // it was sent a task while it had none
	drained               // it has no task without an outcome any more
	asked                 // its input has ended
	failed                // it has ended by itself, makes no sense, or has used up its time
	reaped                // there is no process any more

	events
)

func (e event) String() string {
	return [events]string{"launched", "answered", "sent", "drained", "asked", "failed", "reaped"}[e]
}

// moves holds what may happen where. Zero, which is gone, is the answer to reaped alone, of
// what is lost.
var moves = [lives][events]life{
	gone:     {launched: starting},
	starting: {answered: ready, failed: lost},
	ready:    {sent: busy, asked: retiring, failed: lost},
	busy:     {drained: ready, asked: retiring, failed: lost},
	retiring: {drained: retiring, failed: lost},
	lost:     {drained: lost, failed: lost},
}

// on returns the life after e. An event that cannot happen in s is a mistake in this
// package, and it panics.
func (s life) on(e event) life {
	next := moves[s][e]
	if next == gone && (s != lost || e != reaped) {
		panic(fmt.Sprintf("procs: a worker that is %v cannot be %v", s, e))
	}
	return next
}

// able reports whether it may be sent tasks.
func (s life) able() bool { return s == ready || s == busy }
