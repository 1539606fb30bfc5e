package procs

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// A process is one worker process. Until it has answered it is its supervisor's, from
// then on its lane's, except for what is under mu.
type process struct {
	worker  *strategies.Worker // as its lane calls it
	conn    transport.Conn     // its channel, nil while there is none
	in, out int                // what to poll of it: for room, for bytes; -1 if there is no such
	stderr  int
	page    *wire.Page
	memory  []byte
	decoder wire.Decoder
	last    tail // of its standard error

	finished uint32 // outcomes received, modulo wire.Tasks
	outcomes int    // outcomes received
	settled  int    // of these, the ones that dispatch has done with
	early    int    // of these, the ones that are still to come through the channel
	ended    bool   // its input is
	spoilt   bool   // it has sent nonsense: nothing behind that is believed
	epoch    uint16

	revived int32 // Executor.revived when it was begun, which for a spare may be long before a lane has it

	news  atomic.Uint32          // what its supervisor has seen
	owner atomic.Pointer[poller] // of the lane that wants to know

	mu      sync.Mutex
	pid     int
	alive   bool // there is a process, which may be sent signals
	doomed  bool // it was killed before there was one
	stopped bool // it was found stopped by a signal, and killed for it
	hungUp  bool // it had closed its channel, and was killed for it
	status  unix.WaitStatus
	err     error // why it did not come to be
}

// News of a process.
const (
	newsAnswered = 1 << iota // it may be sent tasks
	newsEnded                // it has been waited for
)

// tell makes news known.
func (p *process) tell(news uint32) {
	p.news.Or(news)
	if k := p.owner.Load(); k != nil {
		k.wake()
	}
}

// kill sends a signal to the process and all that it started. Before there is one, any
// signal means that there shall be none.
func (p *process) kill(sig unix.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doomed = true
	if p.alive {
		unix.Kill(-p.pid, sig)
	}
}

// unhalt ends the process if it was stopped by a signal: then it is of no use.
func (p *process) unhalt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.alive && halted(p.pid) {
		p.stopped = true
		unix.Kill(-p.pid, unix.SIGKILL)
	}
}

// hangUp ends the process, whose channel has ended although it lives.
func (p *process) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.alive {
		p.hungUp = true
		unix.Kill(-p.pid, unix.SIGKILL)
	}
}

// close gives back what this process holds of p, which has ended.
func (p *process) close() {
	closeAll(p.stderr)
	if p.conn != nil {
		p.conn.Close()
	}
	if p.memory != nil {
		wire.ReleasePage(p.memory)
	}
	p.in, p.out, p.stderr, p.memory, p.page = -1, -1, -1, nil, nil
}

func closeAll(fds ...int) {
	for _, fd := range fds {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// endInput closes the worker's input, which asks it to end.
func (p *process) endInput() {
	p.conn.CloseWrite()
	p.in, p.ended = -1, true
}

// cause says how the process, which has ended, did.
func (p *process) cause() string {
	switch {
	case p.stopped:
		return "stopped by a signal, and killed for it"
	case p.hungUp && p.status.Signaled() && p.status.Signal() == unix.SIGKILL:
		return "closed its channel, and was killed for it"
	case p.status.Signaled():
		s := "signal: " + p.status.Signal().String()
		if p.status.CoreDump() {
			s += " (core dumped)"
		}
		return s
	}
	return fmt.Sprintf("exit status %d", p.status.ExitStatus())
}

// receive reads what the process has sent into the decoder, and waits for that for up to limit;
// see transport.Conn.Await. It returns 0 if there is nothing, and io.EOF if there will be nothing
// any more.
func (p *process) receive(limit time.Duration) (n int, err error) {
	if limit > 0 {
		n, err = p.conn.Await(p.decoder.Space(), limit)
	} else {
		n, err = p.conn.TryRead(p.decoder.Space())
	}
	if err != nil && err != io.EOF {
		err = fmt.Errorf("read: %w", err)
	}
	p.decoder.Wrote(n)
	return n, err
}

// arm is called before waiting for the process, with writing for room too. It looks for up
// to spin, and reports that there is no need to wait.
func (p *process) arm(writing bool, spin time.Duration) (ready bool) {
	want := transport.WantRead
	if writing {
		want |= transport.WantWrite
	}
	return p.conn.Arm(want, spin)
}

// listen reads what there is of the process's standard error. It returns false when
// there will be no more.
func (p *process) listen() bool {
	var b [4096]byte
	for {
		n, err := unix.Read(p.stderr, b[:])
		switch {
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			return true
		case n <= 0:
			return false
		default:
			p.last.write(b[:n])
		}
	}
}
