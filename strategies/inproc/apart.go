package inproc

import (
	"sync"

	"github.com/payoff-bench/payoff/strategies/work"
)

// apart calls f on a new goroutine, and returns when that goroutine has ended by return or by
// Goexit. A Goexit in f thus does not end the goroutine of the caller.
func apart(f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Wait()
}

// guarded calls f, which is code of the user, on a new goroutine, since f may end its goroutine.
// guarded returns nil if f returned, else the error of its panic or Goexit.
func guarded(f func()) (err error) {
	apart(func() {
		returned := false
		defer func() {
			if !returned {
				err = work.Caught(recover())
			}
		}()
		f()
		returned = true
	})
	return err
}
