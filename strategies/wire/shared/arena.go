package shared

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"math"
	"slices"
	"sync"

	"github.com/payoff-bench/payoff/strategies/work"
)

// An Arena is memory that a program shares with the worker processes of one pool. Only the program
// records which parts of the memory are in use.
type Arena struct {
	id   uint64
	size int
	fd   int // descriptor of the memory, which workers inherit

	mu      sync.Mutex
	mem     []byte // all of the memory; nil once it is unmapped
	room    extents
	backed  int // bytes from the start of the memory that the system has allocated
	live    map[uint64]*block
	limbo   []*block // freed, but a worker may still use them
	waiting []*request
	refuses bool // no more buffers are allocated
	closed  bool
	pins
}

// A request is a call of Alloc that waits for room.
type request struct {
	size int
	done chan struct{} // closed once block or err is set
	got  *block
	err  error
}

// pageSize is the unit of allocation. A buffer has pages of its own, so that the caches of two
// workers do not compete for the memory between two buffers.
const pageSize = 4096

// NewArena returns an Arena of at least size bytes. It takes address space at once, but memory only
// when buffers need it. On a system other than Linux the error wraps [errors.ErrUnsupported].
func NewArena(size int) (*Arena, error) {
	if size < 1 || size > math.MaxInt-pageSize {
		return nil, checkSize(min(size, 0))
	}
	size = (size + pageSize - 1) / pageSize * pageSize
	fd, mem, err := newMemory(size)
	if err != nil {
		return nil, err
	}
	a := &Arena{id: key(), size: size, fd: fd, mem: mem, room: extents{{0, size}}, live: map[uint64]*block{}}
	arenas.Store(a.id, a)
	return a, nil
}

// around finds the buffer of the arena that contains the bytes of v and is not freed. It returns a
// Buffer with these bytes, or false if there is no such buffer.
func (a *Arena) around(v []byte) (Buffer, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := within(a.mem, v); !ok {
		return Buffer{}, false
	}
	for _, k := range a.live {
		if lo, ok := within(k.mem, v); ok {
			return Buffer{k, lo, len(v)}, true
		}
	}
	return Buffer{}, false
}

// arenas maps the identity of an arena to the *Arena or *Borrowed that this process has. It is
// global, since the functions that decode a value learn nothing about its executor.
var arenas sync.Map

// key returns a random number that other processes cannot guess.
func key() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return binary.LittleEndian.Uint64(b[:])
}

// ID returns the identity of the arena, which workers need to accept references. It returns 0 if a
// is nil.
func (a *Arena) ID() uint64 {
	if a == nil {
		return 0
	}
	return a.id
}

// Size returns the size of the arena in bytes.
func (a *Arena) Size() int { return a.size }

// FD returns the descriptor that workers inherit, or -1 if a is nil. It belongs to the Arena.
func (a *Arena) FD() int {
	if a == nil {
		return -1
	}
	return a.fd
}

// Alloc returns a new Buffer of n bytes. If there is no room, it waits until enough buffers are
// freed. Calls that wait get room in the order in which they began. If ctx has ended before the
// call, Alloc does not wait.
//
// Alloc returns these errors:
//
//   - a [FullError] if ctx is done before there is room; it wraps the cause of ctx
//   - a [FullError] if the system is out of memory; it wraps the error of the system
//   - an OptionError if n is below 1 or ctx is nil
//   - a [SizeError] if n is larger than the arena
//   - ErrClosed after Refuse or Close
func (a *Arena) Alloc(ctx context.Context, n int) (Buffer, error) {
	if err := work.CheckContext(ctx); err != nil {
		return Buffer{}, err
	}
	if err := checkSize(n); err != nil {
		return Buffer{}, err
	}
	if n > a.size {
		return Buffer{}, &SizeError{n, a.size}
	}
	a.mu.Lock()
	r := &request{size: n, done: make(chan struct{})}
	a.waiting = append(a.waiting, r)
	a.serve()
	a.mu.Unlock()
	select {
	case <-r.done:
	case <-ctx.Done():
		a.abandon(ctx, r)
	}
	if r.err != nil {
		return Buffer{}, r.err
	}
	return Buffer{block: r.got, n: n}, nil
}

// abandon ends the request r because ctx is done. It does nothing if r already has its result.
func (a *Arena) abandon(ctx context.Context, r *request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := slices.Index(a.waiting, r); i >= 0 {
		a.waiting = slices.Delete(a.waiting, i, i+1)
		r.err = &FullError{Need: r.size, Free: a.room.largest(), Size: a.size, Err: context.Cause(ctx)}
		a.serve() // a request behind r may be smaller
	}
}

// serve gives room to the waiting requests in their order. It stops at the first request for which
// there is no room. The caller must hold mu.
func (a *Arena) serve() {
	for len(a.waiting) > 0 {
		r := a.waiting[0]
		if a.refuses {
			r.err = work.ErrClosed
		} else if r.got, r.err = a.carve(r.size); r.got == nil && r.err == nil {
			return
		}
		close(r.done)
		a.waiting = slices.Delete(a.waiting, 0, 1)
	}
}

// carve returns a new block of n bytes, or nil if there is no room. If the system is out of memory,
// it returns a [FullError]. The caller must hold mu.
func (a *Arena) carve(n int) (*block, error) {
	pages := (n + pageSize - 1) / pageSize * pageSize
	at, ok := a.room.take(pages)
	if !ok {
		return nil, nil
	}
	if end := at + pages; end > a.backed {
		if err := backMemory(a.fd, a.backed, end-a.backed); err != nil {
			a.room.put(extent{at, end})
			return nil, &FullError{Need: n, Free: a.room.largest(), Size: a.size, Err: err}
		}
		a.backed = end
	}
	k := &block{mem: a.mem[at : at+n : at+n], arena: a, key: key(), at: at}
	a.live[k.key] = k
	return k, nil
}

// free frees the block k. Its memory is reused once no worker can use it.
func (a *Arena) free(k *block) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.live, k.key)
	a.limbo = append(a.limbo, k)
	a.sweep()
}

// sweep makes the memory of freed blocks available again, except blocks that a worker may still
// use. It then gives room to waiting requests. The caller must hold mu.
func (a *Arena) sweep() {
	a.limbo = slices.DeleteFunc(a.limbo, func(k *block) bool {
		if !a.closed && a.busy(k) {
			return false
		}
		a.room.put(extent{k.at, k.at + (len(k.mem)+pageSize-1)/pageSize*pageSize})
		return true
	})
	a.serve()
	a.release()
}

// Refuse makes all calls of Alloc return ErrClosed: the calls that wait now, and all later calls.
func (a *Arena) Refuse() {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refuses = true
	a.serve()
}

// Close calls Refuse, and releases the memory of the arena once every buffer is freed. All workers
// must have ended. Close is idempotent.
func (a *Arena) Close() {
	if a == nil {
		return
	}
	a.Refuse()
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		a.closed = true
		closeMemory(a.fd)
		a.fd = -1
		a.sweep()
	}
}

// release unmaps the memory of the arena if the arena is closed and has no buffers. The caller must
// hold mu.
func (a *Arena) release() {
	if a.closed && len(a.live) == 0 && a.mem != nil {
		unmapMemory(a.mem)
		a.mem = nil
		arenas.Delete(a.id)
	}
}

// Usage returns the number of buffers that are not freed, and the number of bytes in use. The bytes
// include those of freed buffers that a worker may still use.
func (a *Arena) Usage() (buffers, bytes int) {
	if a == nil {
		return 0, 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	bytes = a.size
	for _, e := range a.room {
		bytes -= e.len()
	}
	return len(a.live), bytes
}
