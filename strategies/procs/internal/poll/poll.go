//go:build unix

// Package poll waits for the descriptors of one worker process together with a wake-up from
// other goroutines.
package poll

// A Sign says what a [Poller] found; it is empty when time was up.
type Sign uint8

const (
	Woken  Sign = 1 << iota // Wake was called
	Out                     // the worker has sent something, or has ended
	Stderr                  // its standard error has something, or has ended
	In                      // there is room for more input
)

// DropAll forgets all descriptors of the worker before they are closed.
func (p *Poller) DropAll() { p.Drop(In, Out, Stderr) }
