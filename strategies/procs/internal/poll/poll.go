//go:build unix

// Package poll waits for events on the descriptors of one worker process, or for a wake-up by
// another goroutine.
package poll

// A Sign is the set of events that a [Poller] found; it is empty after a timeout.
type Sign uint8

const (
	Woken  Sign = 1 << iota // Wake was called
	Out                     // the worker has sent data, or has ended
	Stderr                  // its standard error has data, or has ended
	In                      // the worker's input has room
)

// DropAll stops watching all descriptors of the worker. Call it before they are closed.
func (p *Poller) DropAll() { p.Drop(In, Out, Stderr) }
