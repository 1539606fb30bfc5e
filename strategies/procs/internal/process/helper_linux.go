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

// A helper is a goroutine that has a small process start workers as children of this one;
// package worker says how. A nil *helper is none.
type helper struct {
	config   Config
	requests chan request
	ended    chan struct{}
	end      func() // closes requests

	mu    sync.Mutex
	known map[int]bool // workers that it has started and no supervisor has reaped
}

// A request is a worker to start with these descriptors.
type request struct {
	files  []int
	at     time.Time
	answer chan<- spawned
}

// A spawned is the answer.
type spawned struct {
	pid int
	err error
}

func newHelper(c Config) *helper {
	h := &helper{config: c, requests: make(chan request), ended: make(chan struct{}), known: map[int]bool{}}
	h.end = sync.OnceFunc(func() { close(h.requests) })
	go (&helperThread{helper: h}).run()
	return h
}

// spawn has a worker started, as [Starter.spawn] says.
func (h *helper) spawn(files []int) (pid int, err error) {
	answer := make(chan spawned, 1)
	h.requests <- request{files, time.Now(), answer}
	w := <-answer
	return w.pid, w.err
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

// A helperThread is the thread of a helper and the process that starts workers for it. The
// system takes the thread for the parent of all of them, so it must outlive them.
type helperThread struct {
	*helper
	id     int
	pid    int // 0 while there is no process
	socket int
	words  int // a file with what the process wrote to standard error

	failed   spawned
	failedAt time.Time // when a process last did not answer
}

// run answers the requests.
func (t *helperThread) run() {
	runtime.LockOSThread() // the thread ends with this goroutine, since it may be altered
	defer close(t.ended)
	t.id = unix.Gettid()
	altered := t.config.Attributes.alterThread()
	for r := range t.requests {
		if altered != nil {
			r.answer <- spawned{err: altered}
		} else {
			r.answer <- t.serve(r)
		}
	}
	t.kill()
}

// serve has a worker started, by a new process if there is none. A process that does not
// answer is killed.
func (t *helperThread) serve(r request) spawned {
	if r.at.Before(t.failedAt) {
		return t.failed // no caller waits for one silence after the other
	}
	if t.pid == 0 {
		if err := t.start(); err != nil {
			return spawned{err: fmt.Errorf("helper: %w", err)}
		}
	}
	w, err := t.ask(r.files)
	if err != nil {
		w = spawned{err: fmt.Errorf("helper: %w", t.obituary(err))}
		t.failed, t.failedAt = w, time.Now()
	}
	if w.err != nil {
		t.reapStrays()
		return w
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known[w.pid] = true
	return w
}

// start starts the process.
func (t *helperThread) start() error {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	null, words := -1, -1
	limit := unix.NsecToTimeval(t.config.Timeout.Nanoseconds())
	if err = unix.SetsockoptTimeval(ends[0], unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit); err == nil {
		words, err = unix.MemfdCreate("payoff-helper", unix.MFD_CLOEXEC)
	}
	if err == nil {
		null, err = openNull()
	}
	if err == nil {
		files := slices.Repeat([]int{null}, wire.FDPage+1)
		files[2], files[wire.FDPage] = words, ends[1]
		t.pid, err = t.config.fork(files)
	}
	closeAll(null, ends[1])
	if err != nil {
		closeAll(ends[0], words)
		t.pid = 0
		return err
	}
	t.socket, t.words = ends[0], words
	return nil
}

// ask has the process start a worker. The error is that it did not answer.
func (t *helperThread) ask(files []int) (w spawned, err error) {
	var answer [8]byte
	var n int
	if err := unix.Sendmsg(t.socket, []byte{1}, unix.UnixRights(files...), nil, unix.MSG_NOSIGNAL); err != nil {
		return w, err
	}
	err = uninterrupted(func() (err error) {
		n, err = unix.Read(t.socket, answer[:])
		return err
	})
	if err == nil && n < len(answer) {
		err = io.EOF
	}
	if err != nil {
		return w, err
	}
	w.pid = int(int32(binary.LittleEndian.Uint32(answer[:])))
	if errno := binary.LittleEndian.Uint32(answer[4:]); errno != 0 {
		w.err = syscall.Errno(errno)
	}
	return w, nil
}

// obituary kills the process, which did not answer for that reason, and returns what is to be
// said of it.
func (t *helperThread) obituary(err error) error {
	switch {
	case errors.Is(err, unix.EAGAIN):
		err = fmt.Errorf("no answer within %v", t.config.Timeout)
	case errors.Is(err, io.EOF), errors.Is(err, unix.EPIPE), errors.Is(err, unix.ECONNRESET):
		err = errors.New("ended before it answered")
	}
	if words := t.kill(); words != "" {
		err = fmt.Errorf("%w; its last words: %s", err, words)
	}
	return err
}

// reapStrays ends the children of this thread that are not known: a process that could not
// execute the program, which is a child of this one before it has failed, or one that the
// process had started when it was killed. Where the system does not list them they stay until
// this program ends.
func (t *helperThread) reapStrays() {
	list, _ := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/children", t.id))
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, word := range strings.Fields(string(list)) {
		if pid, err := strconv.Atoi(word); err == nil && pid != t.pid && !t.known[pid] {
			unix.Kill(pid, unix.SIGKILL)
			reap(pid)
		}
	}
}

// kill ends the process, if there is one, and returns its last words.
func (t *helperThread) kill() string {
	if t.pid == 0 {
		return ""
	}
	unix.Kill(t.pid, unix.SIGKILL)
	reap(t.pid)
	b := make([]byte, tailBytes)
	n, _ := unix.Pread(t.words, b, 0)
	var words tail
	words.write(b[:max(n, 0)])
	closeAll(t.socket, t.words)
	t.pid = 0
	return words.String()
}
