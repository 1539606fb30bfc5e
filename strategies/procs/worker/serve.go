//go:build unix

package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Serve makes this process a worker for kernels. It returns nil when the parent has no more
// work, ErrByHand if there is no parent, and another error when the channel is broken. In any
// case the process should then exit; it exits by itself when the parent has gone while a task
// runs.
//
// The kernels' tasks run one at a time, on one goroutine, with a context that ends, by
// [ErrAsked], when the worker gets SIGTERM: because its task has run for too long, or was
// cancelled, or because the executor was stopped. What they print goes to the parent's record
// of standard error.
func Serve(kernels []work.Callable) (err error) {
	names := make([]string, 0, len(kernels))
	for _, k := range kernels {
		if slices.Contains(names, k.KernelName()) {
			return fmt.Errorf("two kernels are called %q", k.KernelName())
		}
		names = append(names, k.KernelName())
	}
	stop, err := profile()
	if err != nil {
		return err
	}
	defer func() {
		if stopErr := stop(); err == nil {
			err = stopErr
		}
	}()
	if isHelper() {
		return help()
	}
	page, conn, err := adopt()
	if err != nil {
		return err
	}
	dieWithParent()
	signal.Ignore(os.Interrupt)
	go watchParent(os.Getppid())
	ctx, cancel := context.WithCancelCause(context.Background())
	s := &server{kernels: kernels, ctx: ctx, results: results{page: page, conn: conn, open: -1}}
	s.term.listen(page, cancel)
	if err := s.shakeHands(names); err != nil {
		return err
	}
	return s.run()
}

// Forgotten reports whether this process was started as a worker and has not called [Serve].
// A program that re-executes itself and forgot the call in main would start workers without
// end.
func Forgotten() bool { return wire.IsPage(wire.FDPage) || isHelper() }

// adopt takes over the descriptors that the parent gave, keeps them from the processes that a
// kernel may start, and maps the page.
func adopt() (*wire.Page, transport.Conn, error) {
	page, _, err := wire.OpenPage(wire.FDPage)
	if err != nil {
		return nil, nil, ErrByHand
	}
	unix.Close(wire.FDPage)
	conn, err := transport.Adopt(wire.FDChannel)
	var ticket *transport.TicketError
	if errors.As(err, &ticket) {
		return nil, nil, errors.Join(ErrByHand, err)
	}
	closeStrays()
	return page, conn, err
}

// closeStrays closes descriptors that this process has inherited by accident: what the parent
// has open without close-on-exec, from its own parent or from a C library, would stay open for
// as long as the worker lives. What the parent gave is closed on exec by now or standard, and
// what a Go program opens is closed on exec from the beginning.
func closeStrays() {
	files, _ := os.ReadDir("/dev/fd")
	for _, f := range files {
		fd, err := strconv.Atoi(f.Name())
		if err != nil || fd <= 2 {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			unix.Close(fd)
		}
	}
}

// watchParent ends the process when its parent is not the one it began with. The end of the
// input says the same, but not to a task that runs for long.
func watchParent(parent int) {
	for os.Getppid() == parent {
		time.Sleep(parentInterval)
	}
	os.Exit(1)
}

const parentInterval = 500 * time.Millisecond

// shakeHands reads the Hello and answers with the Ready.
func (s *server) shakeHands(names []string) error {
	for ok := false; !ok; {
		var err error
		if ok, err = s.decoder.Next(); err != nil {
			return err
		}
		if !ok {
			if more, err := s.read(); err != nil || !more {
				return err
			}
		}
	}
	if h := s.decoder.Header; h.Kind != wire.KindHello {
		return &wire.FrameError{Header: h, Reason: "before the handshake"}
	}
	parent, err := wire.ParseHello(s.decoder.Payload)
	if err != nil {
		return err
	}
	depth.Store(int32(parent.Depth))
	here := wire.Here()
	ready := wire.AppendReady(nil, wire.Ready{Side: here, PID: os.Getpid(), Kernels: names})
	return errors.Join(s.write(ready), wire.Compare(parent.Side, here))
}

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
