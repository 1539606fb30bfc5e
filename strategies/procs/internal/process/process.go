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

// A Process is one worker process. Before the process has answered, only its supervisor, the
// goroutine that waits for its end, uses the fields. Afterwards only the goroutine that called
// [Starter.Start], its owner, uses them. Any goroutine that holds mu may use the fields below mu at
// any time.
type Process struct {
	Conn    transport.Conn // nil until there is a channel
	Page    *wire.Page     // nil until there is a page
	Decoder wire.Decoder   // of data received through the channel

	memory []byte // mapped memory of the page
	stderr int
	last   tail
	era    int32

	answered, ended atomic.Bool                 // set by the supervisor
	owner           atomic.Pointer[poll.Poller] // poller of the owner, which is woken when answered or ended is set; nil for a spare

	mu     sync.Mutex
	pid    int
	alive  bool   // whether the process exists and may receive signals
	doomed bool   // whether it was killed, perhaps before it existed
	killed string // why KillStopped or HangUp killed it; else empty
	status unix.WaitStatus
	err    error // why it could not be started or prepared
}

// report sets event, which is the flag answered or the flag ended, and wakes the owner of the
// process.
func (p *Process) report(event *atomic.Bool) {
	event.Store(true)
	if k := p.owner.Load(); k != nil {
		k.Wake()
	}
}

// Answered reports whether the process has answered the handshake and is prepared, so that it can
// receive tasks.
func (p *Process) Answered() bool { return p.answered.Load() }

// Ended reports whether the process has ended and been reaped, or could not be started.
func (p *Process) Ended() bool { return p.ended.Load() }

// Era returns the value era that was passed to [Starter.Start] when the process was started. A
// spare, which is started in advance, keeps this value; the call of Start that returns it later may
// have another one.
func (p *Process) Era() int32 { return p.era }

// PID returns the process id, or 0 if no process was started. It is valid once the process has
// answered or ended.
func (p *Process) PID() int { return p.pid }

// Err returns the reason why the process could not be started or prepared. The process must have
// ended.
func (p *Process) Err() error { return p.err }

// Kill sends the signal sig to the process group. If the process does not exist yet, the supervisor
// kills it (by SIGKILL) as soon as it exists, whatever sig is.
func (p *Process) Kill(sig unix.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doomed = true
	if p.alive {
		unix.Kill(-p.pid, sig)
	}
}

// KillStopped kills the process if a signal has stopped it.
func (p *Process) KillStopped() { p.killIf(halted, "stopped by a signal, then killed") }

// HangUp kills a process that has closed its channel but has not ended.
func (p *Process) HangUp() {
	p.killIf(func(int) bool { return true }, "closed its channel, then killed")
}

// killIf kills the process if it exists and the function fault returns true for its id. It then
// records the text why, which [Process.Loss] later gives as the cause of the end.
func (p *Process) killIf(fault func(pid int) bool, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.alive && fault(p.pid) {
		p.killed = why
		unix.Kill(-p.pid, unix.SIGKILL)
	}
}

// Loss returns a LostError that says how the process has ended, with the last lines of its standard
// error.
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

// Watch adds the descriptors of the process to the poller q.
func (p *Process) Watch(q *poll.Poller) error {
	out, in := p.Conn.Poll()
	return q.Watch(in, out, p.stderr)
}

// Receive reads data from the process into the decoder. It waits for data for up to limit; see
// transport.Conn.Await. It returns 0 if there is no data, and io.EOF at the end of the data.
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

// Arm prepares a wait for data from the process and, if writing is true, for room in its input. It
// must be called before each such wait. Arm first polls for at most the time spin, and returns true
// if there is data or room, so that no wait is necessary; see transport.Conn.Arm.
func (p *Process) Arm(writing bool, spin time.Duration) (ready bool) {
	want := transport.WantRead
	if writing {
		want |= transport.WantWrite
	}
	return p.Conn.Arm(want, spin)
}

// Listen reads the available data from the standard error of the process. It returns false at the
// end of the data.
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

// CloseStderr closes the read end of the process's standard error.
func (p *Process) CloseStderr() {
	closeAll(p.stderr)
	p.stderr = -1
}

// Close releases the resources of a process that has ended.
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

// reap waits until the child process pid ends and returns its status.
func reap(pid int) (status unix.WaitStatus) {
	for err := error(unix.EINTR); err == unix.EINTR; {
		_, err = unix.Wait4(pid, &status, 0, nil)
	}
	return status
}
