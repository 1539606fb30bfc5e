//go:build unix

package lane

import (
	"fmt"
	"slices"
)

// A life is the state of a lane's worker:
//
//	gone → starting → ready ⇄ busy
//	           │         │      │
//	           │         └──────┴──→ retiring
//	           └── any but gone ──────────────→ lost → gone
//
// Only the lane changes it, by move. The supervisor of the process reports events to the lane.
type life uint8

const (
	gone     life = iota // there is no process
	starting             // the process has not answered, or is not prepared
	ready                // it waits for tasks
	busy                 // it has tasks
	retiring             // it was asked to end, and may still send outcomes
	lost                 // it was killed or is ending by itself; no outcome is expected

	lives
)

func (s life) String() string {
	return [lives]string{"gone", "starting", "ready", "busy", "retiring", "lost"}[s]
}

// follows lists the lives that may follow each.
var follows = [lives][]life{
	gone:     {starting},
	starting: {ready, lost},
	ready:    {busy, retiring, lost},
	busy:     {ready, retiring, lost},
	retiring: {lost},
	lost:     {gone},
}

// to returns next. It panics if next cannot follow s, which is a bug in this package.
func (s life) to(next life) life {
	if !slices.Contains(follows[s], next) {
		panic(fmt.Sprintf("procs: a worker that is %v cannot become %v", s, next))
	}
	return next
}

// able reports whether the worker may be sent tasks.
func (s life) able() bool { return s == ready || s == busy }
