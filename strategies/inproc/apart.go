package inproc

import (
	"sync"

	"github.com/payoff-bench/payoff/strategies/work"
)

// apart calls f on a new goroutine and waits until that goroutine has ended. If f calls Goexit, the
// goroutine of the caller therefore continues.
func apart(f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Wait()
}

// guarded calls f on a new goroutine, since f is code of the user and may end its goroutine. If f
// panics or calls Goexit, guarded returns the error that describes this, else nil.
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
