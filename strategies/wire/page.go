package wire

import (
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"
)

// Tasks is the modulus of task numbers. The number of tasks sent to a worker and not finished is
// always far smaller.
const Tasks = 1 << startedBits

// BufferSize is the number of bytes of results that a worker can hold back before it must send
// them.
const BufferSize = 64 << 10

// PageSize is the size of a Page in bytes.
const PageSize = headSize + BufferSize

const (
	headSize    = 4096
	begunAt     = 64 // within the head, but on a different cache line from the word
	signAt      = 128
	filledBits  = 20
	startedBits = 28
)

// A Page is memory that a worker process shares with its parent. One atomic word holds the state:
// the epoch (a count of recalls), the number of tasks started, and how many bytes of the buffer
// hold results.
//
// Each task belongs to the epoch in which it was sent. Before the worker runs a task, it increments
// the number of started tasks by compare-and-swap; the same operation makes earlier results
// visible. The parent recalls tasks by incrementing the epoch. The next claim of the worker then
// fails, and the worker skips all tasks of older epochs. Thus both sides always agree on which
// tasks have started.
//
// Results stay in the buffer until the worker writes them to the channel. If the parent has already
// received results in the buffer through the channel, it recognises them by their number.
//
// The page also holds the time at which the last task with a time limit began.
type Page struct {
	word   *atomic.Uint64
	begun  *atomic.Int64
	Buffer []byte // BufferSize bytes, written by the worker
}

// NewPage returns a Page in mem, which must have at least PageSize bytes and be aligned to eight
// bytes.
func NewPage(mem []byte) (*Page, error) {
	if len(mem) < PageSize || uintptr(unsafe.Pointer(&mem[0]))%8 != 0 {
		return nil, fmt.Errorf("a page needs %d bytes, aligned to eight; the memory has %d", PageSize, len(mem))
	}
	return &Page{
		word:   (*atomic.Uint64)(unsafe.Pointer(&mem[0])),
		begun:  (*atomic.Int64)(unsafe.Pointer(&mem[begunAt])),
		Buffer: mem[headSize:PageSize:PageSize],
	}, nil
}

// A PageError reports that a page (the memory shared with a worker) cannot be created, or has a
// state that no correct worker can cause.
type PageError struct {
	Reason string
	Err    error // error of the system; nil if the page itself is invalid
}

func (e *PageError) Error() string {
	if e.Err == nil {
		return "shared page: " + e.Reason
	}
	return fmt.Sprintf("shared page: %s: %v", e.Reason, e.Err)
}
func (e *PageError) Unwrap() error { return e.Err }

// Begin stores the current time as the start of the task that the worker will claim next. It makes
// a system call. Only the worker calls Begin.
func (p *Page) Begin() { p.begun.Store(monotonic()) }

// Ran returns how long the task that the worker claimed last has been running. It has a meaning
// only if that task has a time limit. Only the parent calls Ran.
func (p *Page) Ran() time.Duration { return time.Duration(monotonic() - p.begun.Load()) }

// A PageState is the state of a [Page], which is stored in one atomic word.
type PageState struct {
	Epoch   uint16
	Started uint32 // number of tasks started, modulo Tasks
	Filled  int    // bytes of Buffer that hold results
}

func (s PageState) pack() uint64 {
	return uint64(s.Epoch)<<48 | uint64(s.Started%Tasks)<<filledBits | uint64(s.Filled)
}

func unpackState(x uint64) PageState {
	return PageState{Epoch: uint16(x >> 48), Started: uint32(x>>filledBits) % Tasks, Filled: min(int(x&(1<<filledBits-1)), BufferSize)}
}

// State returns the current state of the page.
func (p *Page) State() PageState { return unpackState(p.word.Load()) }

// Claim claims the next task for the worker, if the page is still in the state s. In this case it
// increments the number of started tasks, records that the first filled bytes of the buffer hold
// results, and returns the new state and true. If the page is in another state, Claim changes
// nothing and returns the current state and false. Only the worker calls Claim.
func (p *Page) Claim(s PageState, filled int) (PageState, bool) {
	next := PageState{Epoch: s.Epoch, Started: (s.Started + 1) % Tasks, Filled: filled}
	if p.word.CompareAndSwap(s.pack(), next.pack()) {
		return next, true
	}
	return p.State(), false
}

// Publish records that the first filled bytes of the buffer hold results, and returns the new
// state. Only the worker calls Publish.
func (p *Page) Publish(filled int) PageState {
	for {
		x := p.word.Load()
		s := unpackState(x)
		s.Filled = filled
		if p.word.CompareAndSwap(x, s.pack()) {
			return s
		}
	}
}

// Recall recalls all tasks that the parent has sent and the worker has not started: they will not
// start. It returns the new state. Only the parent calls Recall.
func (p *Page) Recall() PageState {
	for {
		x := p.word.Load()
		s := unpackState(x)
		s.Epoch++
		if p.word.CompareAndSwap(x, s.pack()) {
			return s
		}
	}
}

// Results returns a copy of the frames with outcomes that the buffer held in the state s. The
// worker may have added outputs to the last frame since then; the copy does not have them. Only the
// parent calls Results.
func (p *Page) Results(s PageState) []byte {
	b := append([]byte(nil), p.Buffer[:s.Filled]...)
	var h Header
	for at := 0; len(b)-at > HeaderLen && h.parse(b[at:]); at += HeaderLen + int(h.Len) {
		if rest := len(b) - at - HeaderLen; h.Len == OpenLen || int(h.Len) > rest {
			h.Len = uint32(rest)
			h.Put(b[at:])
		}
	}
	return b
}

// OpenLen is the length in the header of an Outputs frame to which the worker is still adding
// outputs. The length of a complete Outputs frame is never OpenLen.
const OpenLen = 0
