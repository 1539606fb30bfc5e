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

// A helper starts workers through a small helper process. The system makes the workers children of
// this process, not of the helper process; see the function help in package worker. A nil *helper
// means that no helper process is used.
//
// A single thread of this process starts the helper process and sends all requests to it. The
// system treats this thread as the parent of the helper process and of all workers, so the thread
// must outlive them.
type helper struct {
	config Config
	calls  chan func() // functions to run on the thread
	ended  chan struct{}
	end    func() // closes calls, once

	// These fields are used on the thread only.
	id       int
	altered  error     // error of setting the attributes of the thread
	pid      int       // process id of the helper process; 0 if it does not exist
	socket   int       // connected to the helper process
	words    int       // memory file that receives the standard error of the helper process
	failed   error     // error of the last request that was not answered
	failedAt time.Time // time of that error

	mu    sync.Mutex
	known map[int]bool // workers that were started and are not reaped yet
}

func newHelper(c Config) *helper {
	h := &helper{config: c, calls: make(chan func()), ended: make(chan struct{}), known: map[int]bool{}}
	h.end = sync.OnceFunc(func() { close(h.calls) })
	go func() {
		runtime.LockOSThread() // the thread ends with this goroutine, since its attributes may have been changed
		defer close(h.ended)
		h.id, h.altered = unix.Gettid(), c.Attributes.alterThread()
		for call := range h.calls {
			call()
		}
		h.kill()
	}()
	return h
}

// spawn starts a worker through the helper process. See [Starter.spawn].
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

// close ends the helper process. All its workers must have ended, and the method spawn must not be
// called afterwards.
func (h *helper) close() {
	if h != nil {
		h.end()
		<-h.ended
	}
}

// reaped removes the worker with the process id pid from the known workers. The worker's supervisor
// calls reaped when it has read the exit status of the worker.
func (h *helper) reaped(pid int) {
	if h != nil {
		h.mu.Lock()
		delete(h.known, pid)
		h.mu.Unlock()
	}
}

// serve starts a worker and returns its process id. The argument at is the time of the request. If
// there is no helper process, serve first starts one. If the helper process does not answer, serve
// kills it and returns an error.
func (h *helper) serve(files []int, at time.Time) (pid int, err error) {
	if h.altered != nil {
		return 0, h.altered
	}
	if at.Before(h.failedAt) {
		return 0, h.failed // this request also waited for the answer that failed; do not wait a second time
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

// start starts the helper process.
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

// ask makes the helper process start a worker that inherits the descriptors in files. It returns
// the process id of the worker. If the helper process could not start the worker, errno is the
// reason. If the helper process did not answer, err is the reason.
func (h *helper) ask(files []int) (pid int, errno syscall.Errno, err error) {
	if err := unix.Sendmsg(h.socket, []byte{1}, unix.UnixRights(files...), nil, unix.MSG_NOSIGNAL); err != nil {
		return 0, 0, err
	}
	var answer [8]byte
	n := 0
	for err = unix.EINTR; err == unix.EINTR; {
		n, err = unix.Read(h.socket, answer[:])
	}
	if err == nil && n < len(answer) {
		err = io.EOF
	}
	return int(binary.LittleEndian.Uint32(answer[:])), syscall.Errno(binary.LittleEndian.Uint32(answer[4:])), err
}

// obituary kills the helper process, which did not answer, and returns the error to report. This
// error explains err, the error of communicating with the helper process, in plain words. It also
// contains the last lines of the helper's standard error.
func (h *helper) obituary(err error) error {
	switch {
	case errors.Is(err, unix.EAGAIN):
		err = fmt.Errorf("no answer within %v", h.config.Timeout)
	case errors.Is(err, io.EOF), errors.Is(err, unix.EPIPE), errors.Is(err, unix.ECONNRESET):
		err = errors.New("ended before it answered")
	}
	if words := h.kill(); words != "" {
		err = fmt.Errorf("%w; last lines of standard error: %s", err, words)
	}
	return err
}

// reapStrays kills all children of this thread except the helper process and known workers, and
// reads their exit statuses. Such a child is a process that could not execute its program, or a
// worker whose start the helper process did not report. If the system does not list the children of
// a thread, these processes stay until this program ends.
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

// kill ends the helper process, if it exists, and returns the last lines of its standard error.
func (h *helper) kill() string {
	if h.pid == 0 {
		return ""
	}
	if h.config.Attributes.Profile != "" { // it writes its profile only if it ends by itself
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
