//go:build unix

// Package poll waits for events on the descriptors of one worker process, or for a call of Wake by
// another goroutine.
package poll

// A Sign is a set of events that a [Poller] has found on the descriptors of a worker. It is empty
// after a timeout.
type Sign uint8

const (
	Woken  Sign = 1 << iota // Wake was called
	Out                     // the worker has sent data or closed its output
	Stderr                  // the worker's standard error has data or was closed
	In                      // there is room in the worker's input
)

// DropAll stops watching all descriptors of the worker. It must be called before the descriptors
// are closed.
func (p *Poller) DropAll() { p.Drop(In, Out, Stderr) }
