package procs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire"
)

// A helper is a process that starts workers as children of this one; package worker says
// how. A nil *helper is none.
//
// One thread starts it, and the next if it ends, and asks it: that thread is the parent of
// all of its workers as far as the system is concerned, and must outlive them.
type helper struct {
	config   Config
	requests chan request
	ended    chan struct{}
	once     sync.Once

	// Of the thread.
	pid, pidfd int // 0 while there is no process
	socket     int
	words      int // a file with what it wrote to standard error
	thread     int // its id
	failed     birth
	failedAt   time.Time // when the last one did not answer

	mu    sync.Mutex
	known map[int]bool // workers that it has started and nobody has reaped
}

type request struct {
	files  []uintptr
	at     time.Time
	answer chan<- birth
}

type birth struct {
	pid, pidfd int
	err        error
}

func newHelper(c Config) *helper {
	h := &helper{config: c, requests: make(chan request), ended: make(chan struct{}), known: map[int]bool{}}
	go h.run()
	return h
}

// exec is [Config.exec].
func (h *helper) exec(files []uintptr) (pid, pidfd int, err error) {
	answer := make(chan birth, 1)
	h.requests <- request{files, time.Now(), answer}
	b := <-answer
	return b.pid, b.pidfd, b.err
}

// close ends the helper. All of its workers have ended, and nobody wants another.
func (h *helper) close() {
	if h == nil {
		return
	}
	h.once.Do(func() { close(h.requests) })
	<-h.ended
}

func (h *helper) run() {
	runtime.LockOSThread() // and it ends with this goroutine, since it may be altered
	defer close(h.ended)
	h.thread = unix.Gettid()
	altered := h.config.Process.alterThread()
	for r := range h.requests {
		b := birth{pidfd: -1, err: altered}
		switch {
		case altered != nil:
		case r.at.Before(h.failedAt):
			b = h.failed // nobody waits for one silence after the other
		default:
			if h.pid == 0 {
				b.err = h.start()
			}
			if b.err == nil {
				b = h.ask(r.files)
			}
		}
		r.answer <- b
	}
	h.end()
}

// start starts the process.
func (h *helper) start() error {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("helper: socket: %w", err)
	}
	words, err := unix.MemfdCreate("payoff-helper", unix.MFD_CLOEXEC)
	null := -1
	if err == nil {
		null, err = unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	}
	if err == nil {
		limit := unix.NsecToTimeval(h.config.StartTimeout.Nanoseconds())
		err = unix.SetsockoptTimeval(ends[0], unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit)
	}
	if err == nil {
		files := make([]uintptr, wire.FDPage+1)
		for i := range files {
			files[i] = uintptr(null)
		}
		files[2], files[wire.FDPage] = uintptr(words), uintptr(ends[1])
		h.pid, h.pidfd, err = h.config.fork(files)
	}
	closeAll(null, ends[1])
	if err != nil {
		closeAll(ends[0], words)
		h.pid = 0
		return fmt.Errorf("helper: %w", err)
	}
	h.socket, h.words = ends[0], words
	return nil
}

// ask has a worker started. A helper that does not answer is ended.
func (h *helper) ask(files []uintptr) birth {
	fds := make([]int, len(files))
	for i, fd := range files {
		fds[i] = int(fd)
	}
	b, err := birth{pidfd: -1}, unix.Sendmsg(h.socket, []byte{1}, unix.UnixRights(fds...), nil, unix.MSG_NOSIGNAL)
	var answer [8]byte
	rights := make([]byte, unix.CmsgSpace(4))
	var n, control int
	for err == nil {
		if n, control, _, _, err = unix.Recvmsg(h.socket, answer[:], rights, unix.MSG_CMSG_CLOEXEC); err != unix.EINTR {
			break
		}
		err = nil
	}
	if err == nil && n < len(answer) {
		err = io.EOF
	}
	if err != nil {
		words := h.end()
		h.reap()
		switch {
		case errors.Is(err, unix.EAGAIN):
			err = fmt.Errorf("no answer within %v", h.config.StartTimeout)
		case errors.Is(err, io.EOF), errors.Is(err, unix.EPIPE), errors.Is(err, unix.ECONNRESET):
			err = errors.New("ended before it answered")
		}
		if b.err = fmt.Errorf("helper: %w", err); words != "" {
			b.err = fmt.Errorf("%w; its last words: %s", b.err, words)
		}
		h.failed, h.failedAt = b, time.Now()
		return b
	}
	if messages, err := unix.ParseSocketControlMessage(rights[:control]); err == nil && len(messages) > 0 {
		if fds, err := unix.ParseUnixRights(&messages[0]); err == nil && len(fds) == 1 {
			b.pidfd = fds[0]
		}
	}
	b.pid = int(int32(binary.LittleEndian.Uint32(answer[:])))
	if errno := binary.LittleEndian.Uint32(answer[4:]); errno != 0 {
		b.err = syscall.Errno(errno)
		h.reap()
		return b
	}
	h.mu.Lock()
	h.known[b.pid] = true
	h.mu.Unlock()
	return b
}

// reaped says that a worker has been waited for.
func (h *helper) reaped(pid int) {
	if h != nil {
		h.mu.Lock()
		delete(h.known, pid)
		h.mu.Unlock()
	}
}

// reap ends the children of this thread of which nobody knows: a process that could not
// execute the program, which is a child of this one before it has failed, or one that the
// helper had started when it was killed. Where the system does not list them they stay until
// this process ends.
func (h *helper) reap() {
	list, _ := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/children", h.thread))
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, word := range strings.Fields(string(list)) {
		pid, err := strconv.Atoi(word)
		if err != nil || pid == h.pid || h.known[pid] {
			continue
		}
		unix.Kill(pid, unix.SIGKILL)
		for {
			if _, err := unix.Wait4(pid, nil, 0, nil); err != unix.EINTR {
				break
			}
		}
	}
}

// end ends the process, if there is one, and returns its last words.
func (h *helper) end() string {
	if h.pid == 0 {
		return ""
	}
	if h.config.Process.Profile != "" { // which it writes once its input has ended
		unix.Shutdown(h.socket, unix.SHUT_RDWR)
		ended := []unix.PollFd{{Fd: int32(h.pidfd), Events: unix.POLLIN}}
		for {
			if _, err := unix.Poll(ended, int(h.config.Grace.Milliseconds())); err != unix.EINTR {
				break
			}
		}
	}
	unix.Kill(h.pid, unix.SIGKILL)
	for {
		if _, err := unix.Wait4(h.pid, nil, 0, nil); err != unix.EINTR {
			break
		}
	}
	b := make([]byte, tailBytes)
	n, _ := unix.Pread(h.words, b, 0)
	var words tail
	words.write(b[:max(n, 0)])
	closeAll(h.socket, h.pidfd, h.words)
	h.pid = 0
	return words.String()
}
