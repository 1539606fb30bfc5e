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

// A termination makes a worker end upon SIGTERM: no task starts any more, the context of the
// task that runs ends, and the worker exits once that task has returned. A second SIGTERM does
// what it does to any process.
type termination struct {
	asked atomic.Bool
	idle  atomic.Bool // waiting for input, which no signal interrupts
}

// listen waits for the signal.
func (t *termination) listen(page *wire.Page, cancel context.CancelCauseFunc) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, unix.SIGTERM)
	go func() {
		<-asked
		signal.Reset(unix.SIGTERM)
		page.Recall()
		t.asked.Store(true)
		cancel(ErrAsked)
		if t.idle.Load() {
			os.Exit(0) // nothing is started after the recall, and there is nothing to send
		}
	}()
}

// rest notes that the worker waits for input, and returns false if it should end instead.
func (t *termination) rest() bool {
	t.idle.Store(true)
	return !t.asked.Load()
}

// work notes that the worker has input.
func (t *termination) work() { t.idle.Store(false) }
