package wire

import (
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"
)

// Tasks is what the numbers of tasks are counted modulo; far fewer are ever on their
// way to one worker.
const Tasks = 1 << startedBits

// BufferSize is how many bytes of results a worker keeps before it must send them.
const BufferSize = 64 << 10

// PageSize is the size of a Page's memory.
const PageSize = headSize + BufferSize

const (
	headSize    = 4096
	begunAt     = 64 // of the head: another cache line than the word
	signAt      = 128
	filledBits  = 20
	startedBits = 28
)

// A Page is memory that a worker shares with its parent. Its heart is one word:
// epoch, tasks started, bytes of the buffer that hold results.
//
// Each task belongs to the epoch in which it was sent. The worker moves the count of
// started tasks on by compare and swap before it runs a task; the same store makes
// the results before it visible. The parent recalls by moving the epoch on: then the
// worker's next claim fails, and it passes over all tasks of older epochs. So both
// always agree on which tasks have started.
//
// Results stay in the buffer until they are written to the channel; a reader that
// finds some which had come through it already knows them by their number.
//
// Beside the word is the time at which the last task that has a limit began.
type Page struct {
	word   *atomic.Uint64
	begun  *atomic.Int64
	Buffer []byte // of BufferSize, the worker's
}

// NewPage lays a page over mem, which is at least PageSize bytes, aligned to eight.
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

// A PageError is a page that cannot be had, or that no worker can have left as it is.
type PageError struct {
	Reason string
	Err    error // of the system; nil if it is the page that is wrong
}

func (e *PageError) Error() string {
	if e.Err == nil {
		return "shared page: " + e.Reason
	}
	return fmt.Sprintf("shared page: %s: %v", e.Reason, e.Err)
}
func (e *PageError) Unwrap() error { return e.Err }

// Begin is the worker's: the task that it is about to claim begins now. It costs a
// system call.
func (p *Page) Begin() { p.begun.Store(monotonic()) }

// Ran is the parent's: how long the task that was claimed last has been running, if it
// has a limit.
func (p *Page) Ran() time.Duration { return time.Duration(monotonic() - p.begun.Load()) }

// A PageState is what the word of a page says.
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

// State returns what the page says now.
func (p *Page) State() PageState { return unpackState(p.word.Load()) }

// Claim is the worker's: it starts one more task if the page still is as it was left,
// in state s, and returns the state after it with filled bytes of results.
func (p *Page) Claim(s PageState, filled int) (PageState, bool) {
	next := PageState{Epoch: s.Epoch, Started: (s.Started + 1) % Tasks, Filled: filled}
	if p.word.CompareAndSwap(s.pack(), next.pack()) {
		return next, true
	}
	return p.State(), false
}

// Publish is the worker's: filled bytes of the buffer hold results.
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

// Recall is the parent's: no task that was sent before is started any more. It
// returns the state from then on.
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

// Results is the parent's: it returns a copy of the frames of outcomes that are in the buffer
// by state s. The last may be one that the worker has not closed yet; it ends then with what
// s says.
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

// OpenLen is the length in the header of a frame of outputs, in a page, that the worker still
// adds to. No other such frame is that short.
const OpenLen = 0
