package procs

import (
	"fmt"
	"io"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
)

// A process is one worker process as its lane sees it.
type process struct {
	worker  *strategies.Worker
	in, out int // its channel: written, read
	stderr  int
	page    *wire.Page
	memory  []byte
	decoder wire.Decoder
	last    tail // of its standard error

	finished uint32 // outcomes received, modulo wire.Tasks
	outcomes int    // outcomes received
	epoch    uint16
	status   unix.WaitStatus
	reaped   bool
	stopped  bool // it was found stopped by a signal, and killed
}

// launch starts a worker process. It has not said anything yet.
func launch(c *Config, name string, generation int) (p *process, err error) {
	p = &process{in: -1, out: -1, stderr: -1}
	theirs := []int{-1, -1, -1, -1} // null, standard error, in, out; the page is added
	defer func() {
		closeAll(theirs...)
		if err != nil {
			p.close()
			p = nil
		}
	}()
	if theirs[0], err = unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0); err != nil {
		return p, fmt.Errorf("open /dev/null: %w", err)
	}
	for _, e := range []struct{ r, w *int }{{&p.stderr, &theirs[1]}, {&theirs[2], &p.in}, {&p.out, &theirs[3]}} {
		if *e.r, *e.w, err = pipe(); err != nil {
			return p, fmt.Errorf("pipe: %w", err)
		}
	}
	for _, fd := range []int{p.stderr, p.in, p.out} {
		if err := unix.SetNonblock(fd, true); err != nil {
			return p, fmt.Errorf("pipe: %w", err)
		}
	}
	widen(p.in)
	widen(p.out)
	page, fd, memory, err := wire.CreatePage()
	if err != nil {
		return p, err
	}
	theirs = append(theirs, fd)
	p.page, p.memory = page, memory
	null, stderr := uintptr(theirs[0]), uintptr(theirs[1])
	pid, err := syscall.ForkExec(c.Worker[0], c.Worker, &syscall.ProcAttr{
		Dir:   c.Dir,
		Env:   c.Env,
		Files: []uintptr{null, stderr, stderr, wire.FDIn: uintptr(theirs[2]), wire.FDOut: uintptr(theirs[3]), wire.FDPage: uintptr(fd)},
		Sys:   attributes(),
	})
	if err != nil {
		return p, fmt.Errorf("start: %w", err)
	}
	p.worker = &strategies.Worker{Name: name, PID: pid, Generation: generation}
	return p, nil
}

func closeAll(fds ...int) {
	for _, fd := range fds {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// close gives back what this process holds of p, which has been reaped.
func (p *process) close() {
	closeAll(p.in, p.out, p.stderr)
	if p.memory != nil {
		wire.ReleasePage(p.memory)
	}
	p.in, p.out, p.stderr, p.memory, p.page = -1, -1, -1, nil, nil
}

// endInput closes the worker's input, which asks it to end.
func (p *process) endInput() {
	closeAll(p.in)
	p.in = -1
}

// kill sends a signal to the process and all that it started.
func (p *process) kill(sig unix.Signal) {
	if !p.reaped {
		unix.Kill(-p.worker.PID, sig)
	}
}

// wedged reports whether the process was stopped by a signal.
func (p *process) wedged() bool {
	var status unix.WaitStatus
	pid, err := unix.Wait4(p.worker.PID, &status, unix.WNOHANG|unix.WUNTRACED, nil)
	if err != nil || pid != p.worker.PID {
		return false
	}
	if status.Stopped() {
		p.stopped = true
		return true
	}
	p.status, p.reaped = status, true
	return false
}

// reap ends the process if it still runs, waits for it and takes its last words.
// A process that is exiting keeps the status it exits with.
func (p *process) reap() {
	p.kill(unix.SIGKILL)
	for !p.reaped {
		_, err := unix.Wait4(p.worker.PID, &p.status, 0, nil)
		p.reaped = err != unix.EINTR
	}
	p.listen()
}

// cause says how the process ended.
func (p *process) cause() string {
	switch {
	case p.stopped:
		return "stopped by a signal, and killed for it"
	case p.status.Signaled():
		s := "signal: " + p.status.Signal().String()
		if p.status.CoreDump() {
			s += " (core dumped)"
		}
		return s
	}
	return fmt.Sprintf("exit status %d", p.status.ExitStatus())
}

// receive reads what the process has sent into the decoder. It returns 0 if there is
// nothing now, and io.EOF if there will be nothing any more.
func (p *process) receive() (int, error) {
	for {
		n, err := unix.Read(p.out, p.decoder.Space())
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return 0, nil
		case err != nil:
			return 0, fmt.Errorf("read: %w", err)
		case n == 0:
			return 0, io.EOF
		}
		p.decoder.Wrote(n)
		return n, nil
	}
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

// A tail keeps the end of what is written to it.
type tail struct{ b []byte }

const (
	tailLines = 10
	tailBytes = 4 << 10
)

func (t *tail) write(b []byte) {
	t.b = append(t.b, b...)
	if over := len(t.b) - tailBytes; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
}

// String returns the last lines.
func (t *tail) String() string {
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(string(t.b), "?")), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}
