//go:build unix

package process

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/procs/internal/poll"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Process is one worker process. Until it has answered it belongs to its supervisor, from
// then on to its owner, except for the fields under mu.
type Process struct {
	Conn    transport.Conn // its channel, nil while there is none
	Page    *wire.Page     // nil while there is none
	Decoder wire.Decoder   // of what has come through the channel

	memory []byte // of the page
	stderr int
	last   tail
	era    int32

	answered, ended atomic.Bool                 // as the supervisor has seen
	owner           atomic.Pointer[poll.Poller] // that is woken for both; nil for a spare

	mu     sync.Mutex
	pid    int
	alive  bool   // there is a process, which may be sent signals
	doomed bool   // it was killed before there was one
	killed string // what it was killed for, if its owner found fault with it
	status unix.WaitStatus
	err    error // why it did not come to be
}

// report sets what has happened to the process, and wakes its owner.
func (p *Process) report(event *atomic.Bool) {
	event.Store(true)
	if k := p.owner.Load(); k != nil {
		k.Wake()
	}
}

// Answered reports whether the process is prepared and may be sent tasks.
func (p *Process) Answered() bool { return p.answered.Load() }

// Ended reports whether the process has ended and been reaped, or did not come to be.
func (p *Process) Ended() bool { return p.ended.Load() }

// Era returns what the owner passed when the process was begun, for a spare when its
// predecessor was taken.
func (p *Process) Era() int32 { return p.era }

// PID returns the process id, 0 if there was no process. It is there once the process has
// answered or ended.
func (p *Process) PID() int { return p.pid }

// Err returns why a process that has ended did not answer.
func (p *Process) Err() error { return p.err }

// Kill sends a signal to the process and all that it started. Before there is a process, any
// signal means that none is wanted.
func (p *Process) Kill(sig unix.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doomed = true
	if p.alive {
		unix.Kill(-p.pid, sig)
	}
}

// KillStopped kills the process if a signal has stopped it: then it is of no use.
func (p *Process) KillStopped() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.alive && halted(p.pid) {
		p.killed = "stopped by a signal, and killed for it"
		unix.Kill(-p.pid, unix.SIGKILL)
	}
}

// HangUp kills the process, whose channel has ended although it lives.
func (p *Process) HangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.alive {
		p.killed = "closed its channel, and was killed for it"
		unix.Kill(-p.pid, unix.SIGKILL)
	}
}

// Loss returns how the process, which has ended, did, with its last words.
func (p *Process) Loss() *work.LostError {
	p.Listen()
	loss := &work.LostError{ExitCode: p.status.ExitStatus(), Stderr: p.last.String()}
	if p.status.Signaled() {
		loss.Signal = int(p.status.Signal())
	}
	switch {
	case p.killed != "" && loss.Signal == int(unix.SIGKILL):
		loss.Cause = p.killed
	case loss.Signal == 0:
		loss.Cause = fmt.Sprintf("exit status %d", loss.ExitCode)
	default:
		loss.Cause = "signal: " + p.status.Signal().String()
		if p.status.CoreDump() {
			loss.Cause += " (core dumped)"
		}
	}
	return loss
}

// Watch makes q wait for the process.
func (p *Process) Watch(q *poll.Poller) error {
	out, in := p.Conn.Poll()
	return q.Watch(in, out, p.stderr)
}

// Receive reads what the process has sent into the decoder, and waits for that for up to
// limit; see transport.Conn.Await. It returns 0 if there is nothing, and io.EOF if there will
// be nothing any more.
func (p *Process) Receive(limit time.Duration) (n int, err error) {
	if limit > 0 {
		n, err = p.Conn.Await(p.Decoder.Space(), limit)
	} else {
		n, err = p.Conn.TryRead(p.Decoder.Space())
	}
	if err != nil && err != io.EOF {
		err = fmt.Errorf("read: %w", err)
	}
	p.Decoder.Wrote(n)
	return n, err
}

// Arm is called before waiting for the process, with writing for room too. It looks for up
// to spin, and reports that there is no need to wait.
func (p *Process) Arm(writing bool, spin time.Duration) (ready bool) {
	want := transport.WantRead
	if writing {
		want |= transport.WantWrite
	}
	return p.Conn.Arm(want, spin)
}

// Listen reads what there is of the process's standard error. It returns false when there
// will be no more.
func (p *Process) Listen() (more bool) {
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

// CloseStderr closes this end of the process's standard error, which has ended.
func (p *Process) CloseStderr() {
	closeAll(p.stderr)
	p.stderr = -1
}

// Close frees what this process holds of p, which has ended.
func (p *Process) Close() {
	p.CloseStderr()
	if p.Conn != nil {
		p.Conn.Close()
	}
	if p.memory != nil {
		wire.ReleasePage(p.memory)
	}
	p.memory, p.Page = nil, nil
}

func closeAll(fds ...int) {
	for _, fd := range fds {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// openNull opens the null device.
func openNull() (fd int, err error) {
	if fd, err = unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0); err != nil {
		return -1, fmt.Errorf("open %s: %w", os.DevNull, err)
	}
	return fd, nil
}

// uninterrupted calls f until no signal interrupts it.
func uninterrupted(f func() error) error {
	for {
		if err := f(); err != unix.EINTR {
			return err
		}
	}
}

// reap waits for a child.
func reap(pid int) (status unix.WaitStatus) {
	uninterrupted(func() error {
		_, err := unix.Wait4(pid, &status, 0, nil)
		return err
	})
	return status
}
