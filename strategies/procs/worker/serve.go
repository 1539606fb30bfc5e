//go:build unix

package worker

import (
	"cmp"
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

	"github.com/payoff-bench/payoff/strategies/profiler"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Serve makes this process a worker that serves kernels. It returns nil when the parent closes the
// channel, ErrByHand if no parent started the process, and another error if the channel fails. The
// process should exit after Serve returns. If the parent ends while a task runs, Serve itself exits
// the process.
//
// Tasks run one at a time, on one goroutine. On SIGTERM their context ends with the cause
// [ErrAsked]. The parent sends SIGTERM if a task is over its time limit or cancelled, or if the
// executor is stopped. The standard output and standard error of kernels go to the parent, which
// keeps the last lines for its error messages.
func Serve(kernels []work.Callable) (err error) {
	names := make([]string, 0, len(kernels))
	for _, k := range kernels {
		if slices.Contains(names, k.KernelName()) {
			return fmt.Errorf("two kernels are named %q", k.KernelName())
		}
		names = append(names, k.KernelName())
	}
	profiled, err := profile()
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, profiled.Stop()) }()
	if isHelper() {
		return help()
	}
	page, arena, conn, err := adopt()
	if err != nil {
		return err
	}
	dieWithParent()
	signal.Ignore(os.Interrupt)
	go watchParent(os.Getppid())
	ctx, cancel := context.WithCancelCause(context.Background())
	s := &server{kernels: kernels, ctx: ctx, arena: arena, results: newResults(page, conn)}
	s.term.listen(page, cancel, profiled)
	if err := s.shakeHands(names); err != nil {
		return err
	}
	return s.run()
}

// Forgotten reports whether this process was started as a worker but has not called [Serve]. If
// such a process created a process pool, its workers would do the same, and so on without end.
func Forgotten() bool { return wire.IsPage(wire.FDPage) || isHelper() }

// adopt opens the descriptors that this process inherited: the shared page, the arena if there is
// one, and the channel. Processes that a kernel starts do not inherit them.
func adopt() (*wire.Page, *shared.Borrowed, transport.Conn, error) {
	page, _, err := wire.OpenPage(wire.FDPage)
	if err != nil {
		return nil, nil, nil, ErrByHand
	}
	unix.Close(wire.FDPage)
	arena, err := shared.Borrow(wire.FDArena)
	if err != nil {
		return nil, nil, nil, err
	}
	conn, err := transport.Adopt(wire.FDChannel)
	var ticket *transport.TicketError
	if errors.As(err, &ticket) {
		return nil, nil, nil, errors.Join(ErrByHand, err)
	}
	closeStrays()
	return page, arena, conn, err
}

// closeStrays closes descriptors that this process inherited by accident, for example from the
// parent's own parent, or from a C library in the parent. It keeps the standard descriptors. It
// also keeps descriptors that other programs do not inherit (close-on-exec), because Go programs
// open their own descriptors so.
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

// watchParent ends this process when its parent has ended. The argument parent is the process id of
// the parent. The input of this process ends at the same time, but a long task does not notice
// that.
func watchParent(parent int) {
	for os.Getppid() == parent {
		time.Sleep(parentInterval)
	}
	os.Exit(1)
}

const parentInterval = 500 * time.Millisecond

// shakeHands reads the Hello frame of the parent and answers with a Ready frame. The argument names
// holds the names of the kernels.
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
	s.arena.Accept(parent.Arena)
	here := wire.Here()
	ready := wire.AppendReady(nil, wire.Ready{Side: here, PID: os.Getpid(), Kernels: names})
	return errors.Join(s.write(ready), wire.Compare(parent.Side, here))
}

// A termination ends a worker on SIGTERM: no further task starts, the context of the running task
// ends, and the worker exits when that task returns. A second SIGTERM kills the worker.
type termination struct {
	asked atomic.Bool
	idle  atomic.Bool // the worker waits for input, a wait that signals do not interrupt
}

// listen waits for the first SIGTERM on a new goroutine. When it arrives, the goroutine recalls the
// tasks that have not started and calls cancel, which ends the context of the running task. The
// argument profiled is the profile of this process, or nil if there is none.
func (t *termination) listen(page *wire.Page, cancel context.CancelCauseFunc, profiled *profiler.Profile) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, unix.SIGTERM)
	go func() {
		<-asked
		signal.Reset(unix.SIGTERM)
		page.Recall()
		t.asked.Store(true)
		cancel(ErrAsked)
		if t.idle.Load() {
			profiled.Stop() // a failure is in the name of its file
			os.Exit(0)      // no task starts after the recall, and no outcome is unsent
		}
	}()
}

// rest records that the worker will wait for input next, so that SIGTERM may end it at once. It
// returns false if SIGTERM has already arrived; the worker should then end.
func (t *termination) rest() bool {
	t.idle.Store(true)
	return !t.asked.Load()
}

// work records that the worker has received input, so SIGTERM must no longer end it at once.
func (t *termination) work() { t.idle.Store(false) }
