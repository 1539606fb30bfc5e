//go:build unix

package lane

import (
	"context"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// TestWokenWhileBusy wakes a lane to look for work at the moment in which it finds some. This must
// not prevent other lanes from being woken.
func TestWokenWhileBusy(t *testing.T) {
	x := newExecutor(t, transport.Pipe())
	defer func() {
		now, cancel := context.WithCancel(t.Context())
		cancel()
		x.pool.Stop(now)
	}()
	hold.Go(t.Context(), x, 0, strategies.Options{})
	s := &x.pool.sleepers
	for s.idle.Asleep() != 1 || s.idle.Looking() != 0 {
		time.Sleep(time.Millisecond)
	}
	for _, l := range x.pool.lanes {
		l.mu.Lock()
		if l.life == busy { // as if wake had come between park and fill
			s.mu.Lock()
			s.idle.Park(l)
			s.idle.Rouse()
			l.looking.Store(true)
			s.mu.Unlock()
			l.poller.Wake()
		}
		l.mu.Unlock()
	}
	f := number.Go(t.Context(), x, 1, strategies.Options{Limit: time.Hour}) // a task with a limit borrows no lane
	select {
	case <-f.Done():
	case <-time.After(20 * time.Second):
		t.Error("the second lane was not woken")
	}
}
