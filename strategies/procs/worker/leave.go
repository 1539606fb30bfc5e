package worker

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
)

// ErrAsked is why the context of a task ends: the worker was asked to end, by SIGTERM.
var ErrAsked = errors.New("the worker was asked to end")

// A leave is how SIGTERM makes a worker end: no task starts any more, the context of the
// one that runs ends, and the worker is gone once it has returned. A second SIGTERM does
// what it does to any process.
type leave struct {
	asked atomic.Bool
	idle  atomic.Bool // waiting for input, which no signal interrupts
}

// listen waits for the signal.
func (e *leave) listen(page *wire.Page, cancel context.CancelCauseFunc) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, unix.SIGTERM)
	go func() {
		<-asked
		signal.Reset(unix.SIGTERM)
		page.Recall()
		e.asked.Store(true)
		cancel(ErrAsked)
		if e.idle.Load() {
			os.Exit(0) // nothing is started after the recall, and there is nothing to send
		}
	}()
}

// rest says that the worker waits for input, and returns false if it should end instead.
func (e *leave) rest() bool {
	e.idle.Store(true)
	return !e.asked.Load()
}

func (e *leave) work() { e.idle.Store(false) }
