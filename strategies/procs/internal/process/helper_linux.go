package process

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
)

// A helper has a small process start workers as children of this one; package worker says how.
// A nil *helper is none.
//
// The process is started, and asked, on one thread. The system takes that for the parent of
// the process and of all workers, so it must outlive them.
type helper struct {
	config Config
	calls  chan func() // for the thread
	ended  chan struct{}
	end    func() // closes calls

	// Of the thread.
	id       int
	altered  error // why it cannot be altered
	pid      int   // of the process, 0 while there is none
	socket   int   // to ask it
	words    int   // a file with what it wrote to standard error
	failed   error
	failedAt time.Time // when a process last did not answer

	mu    sync.Mutex
	known map[int]bool // workers that it has started and no supervisor has reaped
}

func newHelper(c Config) *helper {
	h := &helper{config: c, calls: make(chan func()), ended: make(chan struct{}), known: map[int]bool{}}
	h.end = sync.OnceFunc(func() { close(h.calls) })
	go func() {
		runtime.LockOSThread() // the thread ends with this goroutine, since it may be altered
		defer close(h.ended)
		h.id, h.altered = unix.Gettid(), c.Attributes.alterThread()
		for call := range h.calls {
			call()
		}
		h.kill()
	}()
	return h
}

// spawn has a worker started, as [Starter.spawn] says.
func (h *helper) spawn(files []int) (pid int, err error) {
	at, done := time.Now(), make(chan struct{})
	h.calls <- func() {
		defer close(done)
		if pid, err = h.serve(files, at); err == nil {
			h.mu.Lock()
			h.known[pid] = true
			h.mu.Unlock()
		}
	}
	<-done
	return pid, err
}

// close ends the helper. All of its workers have ended, and no caller wants another.
func (h *helper) close() {
	if h != nil {
		h.end()
		<-h.ended
	}
}

// reaped records that a supervisor has waited for a worker.
func (h *helper) reaped(pid int) {
	if h != nil {
		h.mu.Lock()
		delete(h.known, pid)
		h.mu.Unlock()
	}
}

// serve has a worker started that was wanted at that time, by a new process if there is none.
// A process that does not answer is killed.
func (h *helper) serve(files []int, at time.Time) (pid int, err error) {
	if h.altered != nil {
		return 0, h.altered
	}
	if at.Before(h.failedAt) {
		return 0, h.failed // no caller waits for one silence after the other
	}
	if h.pid == 0 {
		if err := h.start(); err != nil {
			return 0, fmt.Errorf("helper: %w", err)
		}
	}
	pid, errno, err := h.ask(files)
	if err != nil {
		h.failed, h.failedAt = fmt.Errorf("helper: %w", h.obituary(err)), time.Now()
		h.reapStrays()
		return 0, h.failed
	}
	if errno != 0 {
		h.reapStrays()
		return 0, errno
	}
	return pid, nil
}

// start starts the process.
func (h *helper) start() error {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	null, words := -1, -1
	limit := unix.NsecToTimeval(h.config.Timeout.Nanoseconds())
	if err = unix.SetsockoptTimeval(ends[0], unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit); err == nil {
		words, err = unix.MemfdCreate("payoff-helper", unix.MFD_CLOEXEC)
	}
	if err == nil {
		null, err = openNull()
	}
	if err == nil {
		files := slices.Repeat([]int{null}, wire.FDPage+1)
		files[2], files[wire.FDPage] = words, ends[1]
		h.pid, err = h.config.fork(files)
	}
	closeAll(null, ends[1])
	if err != nil {
		closeAll(ends[0], words)
		h.pid = 0
		return err
	}
	h.socket, h.words = ends[0], words
	return nil
}

// ask has the process start a worker, and returns the worker's process id or why it could not
// be started. The error is that the process did not answer.
func (h *helper) ask(files []int) (pid int, errno syscall.Errno, err error) {
	if err := unix.Sendmsg(h.socket, []byte{1}, unix.UnixRights(files...), nil, unix.MSG_NOSIGNAL); err != nil {
		return 0, 0, err
	}
	var answer [8]byte
	err = uninterrupted(func() error {
		n, err := unix.Read(h.socket, answer[:])
		if err == nil && n < len(answer) {
			return io.EOF
		}
		return err
	})
	return int(binary.LittleEndian.Uint32(answer[:])), syscall.Errno(binary.LittleEndian.Uint32(answer[4:])), err
}

// obituary kills the process, which did not answer for that reason, and returns what is to be
// said of it.
func (h *helper) obituary(err error) error {
	switch {
	case errors.Is(err, unix.EAGAIN):
		err = fmt.Errorf("no answer within %v", h.config.Timeout)
	case errors.Is(err, io.EOF), errors.Is(err, unix.EPIPE), errors.Is(err, unix.ECONNRESET):
		err = errors.New("ended before it answered")
	}
	if words := h.kill(); words != "" {
		err = fmt.Errorf("%w; its last words: %s", err, words)
	}
	return err
}

// reapStrays ends the children of this thread that are not known: a process that could not
// execute the program, which is a child of this one before it has failed, or one that the
// process had started when it was killed. Where the system does not list them they stay until
// this program ends.
func (h *helper) reapStrays() {
	list, _ := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/children", h.id))
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, word := range strings.Fields(string(list)) {
		if pid, err := strconv.Atoi(word); err == nil && pid != h.pid && !h.known[pid] {
			unix.Kill(pid, unix.SIGKILL)
			reap(pid)
		}
	}
}

// kill ends the process, if there is one, and returns its last words.
func (h *helper) kill() string {
	if h.pid == 0 {
		return ""
	}
	if h.config.Attributes.Profile != "" { // which it writes before it ends by itself
		unix.Shutdown(h.socket, unix.SHUT_WR)
		for err := error(unix.EINTR); err == unix.EINTR; {
			_, err = unix.Read(h.socket, make([]byte, 1))
		}
	}
	unix.Kill(h.pid, unix.SIGKILL)
	reap(h.pid)
	b := make([]byte, tailBytes)
	n, _ := unix.Pread(h.words, b, 0)
	var words tail
	words.write(b[:max(n, 0)])
	closeAll(h.socket, h.words)
	h.pid = 0
	return words.String()
}
