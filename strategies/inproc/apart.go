package inproc

import (
	"sync"

	"github.com/payoff-bench/payoff/strategies/work"
)

// apart calls f on a new goroutine and waits until that goroutine has ended. If f calls Goexit,
// only the new goroutine ends, and the caller continues.
func apart(f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Wait()
}

// guarded calls f, a function of the user, on a new goroutine, since f may end its goroutine. It
// returns an error if f panicked or called Goexit, else nil.
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
