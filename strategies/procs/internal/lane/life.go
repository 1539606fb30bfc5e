//go:build unix

package lane

import (
	"fmt"
	"slices"
)

// A life is the state of the worker of a lane:
//
//	gone → starting → ready ⇄ busy
//	           │         │      │
//	           │         └──────┴──→ retiring
//	           └── any but gone ──────────────→ lost → gone
//
// Only the lane changes the state, by move. The supervisor of the process reports events to the
// lane.
type life uint8

const (
	gone     life = iota // there is no process
	starting             // the process has not answered or is not prepared yet
	ready                // the worker waits for tasks
	busy                 // the worker has tasks
	retiring             // the worker was asked to end, and may still send outcomes
	lost                 // the worker was killed or is ending by itself; no outcomes are expected

	lives
)

func (s life) String() string {
	return [lives]string{"gone", "starting", "ready", "busy", "retiring", "lost"}[s]
}

// follows lists, for each state, the states that may follow it.
var follows = [lives][]life{
	gone:     {starting},
	starting: {ready, lost},
	ready:    {busy, retiring, lost},
	busy:     {ready, retiring, lost},
	retiring: {lost},
	lost:     {gone},
}

// to returns next, the new state of a worker in state s. If next must not follow s, there is a bug
// in this package, and to panics.
func (s life) to(next life) life {
	if !slices.Contains(follows[s], next) {
		panic(fmt.Sprintf("procs: a worker that is %v cannot become %v", s, next))
	}
	return next
}

// able reports whether a worker in state s may receive tasks.
func (s life) able() bool { return s == ready || s == busy }
