package wire

import (
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"
)

// Tasks is the modulus of task numbers. Far fewer tasks are ever on their way to one worker.
const Tasks = 1 << startedBits

// BufferSize is how many bytes of results a worker can keep before it must send them.
const BufferSize = 64 << 10

// PageSize is the size of a Page in bytes.
const PageSize = headSize + BufferSize

const (
	headSize    = 4096
	begunAt     = 64 // in the head, on another cache line than the word
	signAt      = 128
	filledBits  = 20
	startedBits = 28
)

// A Page is memory that a worker shares with its parent. One word holds its state: the epoch, the
// number of tasks started, and how many bytes of the buffer hold results.
//
// Each task belongs to the epoch in which it was sent. The worker increments the number of started
// tasks, by compare and swap, before it runs a task; the same store makes earlier results visible.
// The parent recalls tasks by incrementing the epoch. Then the worker's next claim fails, and it
// skips all tasks of older epochs. So both sides always agree on which tasks have started.
//
// Results stay in the buffer until they are written to the channel. A reader may find results that
// have come through the channel already; it recognises them by their number.
//
// Next to the word is the time at which the last task with a limit began.
type Page struct {
	word   *atomic.Uint64
	begun  *atomic.Int64
	Buffer []byte // of BufferSize, written by the worker
}

// NewPage returns a Page over mem, which must have at least PageSize bytes and be aligned to eight.
func NewPage(mem []byte) (*Page, error) {
	if len(mem) < PageSize || uintptr(unsafe.Pointer(&mem[0]))%8 != 0 {
		return nil, fmt.Errorf("a page needs %d aligned bytes, not %d", PageSize, len(mem))
	}
	return &Page{
		word:   (*atomic.Uint64)(unsafe.Pointer(&mem[0])),
		begun:  (*atomic.Int64)(unsafe.Pointer(&mem[begunAt])),
		Buffer: mem[headSize:PageSize:PageSize],
	}, nil
}

// A PageError reports a page that cannot be created, or that is in a state that no worker can
// cause.
type PageError struct {
	Reason string
	Err    error // from the system; nil if the page itself is invalid
}

func (e *PageError) Error() string {
	if e.Err == nil {
		return "shared page: " + e.Reason
	}
	return fmt.Sprintf("shared page: %s: %v", e.Reason, e.Err)
}
func (e *PageError) Unwrap() error { return e.Err }

// Begin records that the task that the worker is about to claim begins now. Only the worker calls
// it. It costs a system call.
func (p *Page) Begin() { p.begun.Store(monotonic()) }

// Ran returns how long the task that was claimed last has been running, if it has a limit. Only
// the parent calls it.
func (p *Page) Ran() time.Duration { return time.Duration(monotonic() - p.begun.Load()) }

// A PageState is the state of a page.
type PageState struct {
	Epoch   uint16
	Started uint32 // modulo Tasks
	Filled  int    // bytes of Buffer that hold results
}

func (s PageState) pack() uint64 {
	return uint64(s.Epoch)<<48 | uint64(s.Started%Tasks)<<filledBits | uint64(s.Filled)
}

func unpackState(x uint64) PageState {
	return PageState{Epoch: uint16(x >> 48), Started: uint32(x>>filledBits) % Tasks, Filled: min(int(x&(1<<filledBits-1)), BufferSize)}
}

// State returns the current state.
func (p *Page) State() PageState { return unpackState(p.word.Load()) }

// Claim starts one more task if the page is still in state s, with filled bytes of results. It
// returns the new state, or the current state and false. Only the worker calls it.
func (p *Page) Claim(s PageState, filled int) (PageState, bool) {
	next := PageState{Epoch: s.Epoch, Started: (s.Started + 1) % Tasks, Filled: filled}
	if p.word.CompareAndSwap(s.pack(), next.pack()) {
		return next, true
	}
	return p.State(), false
}

// Publish records that filled bytes of the buffer hold results. Only the worker calls it.
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

// Recall prevents the start of all tasks that were sent so far, and returns the new state. Only the
// parent calls it.
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

// Results returns a copy of the outcome frames that the buffer holds in state s. If the worker is
// still adding to the last frame, the copy of that frame ends where s does. Only the parent calls
// it.
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

// OpenLen is the length in the header of an outputs frame to which the worker still adds. No
// complete outputs frame is that short.
const OpenLen = 0
