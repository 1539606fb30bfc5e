package shared

import (
	"sync"
	"sync/atomic"
)

// A Borrowed is the arena of the parent process, mapped by a worker process. Only the parent knows
// which parts of it are in use.
type Borrowed struct {
	id   uint64
	mem  []byte
	task atomic.Uint64 // number of the task that the worker runs; references of earlier tasks are invalid

	mu       sync.Mutex
	received []*block // those of the current task, for bytes that the kernel returns
}

// Borrow maps the arena with the inherited descriptor fd and closes fd. If the pool has no arena,
// fd is another descriptor, and Borrow returns nil.
func Borrow(fd int) (*Borrowed, error) {
	mem, err := mapMemory(fd)
	closeMemory(fd)
	if mem == nil || err != nil {
		return nil, err
	}
	return &Borrowed{mem: mem}, nil
}

// Accept makes this process accept references to the arena with the given identity.
func (b *Borrowed) Accept(id uint64) {
	if b != nil {
		b.id = id
		arenas.Store(id, b)
	}
}

// NextTask invalidates all references that this process has received. The worker calls it after
// each task.
func (b *Borrowed) NextTask() {
	if b == nil {
		return
	}
	b.task.Add(1)
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.received)
	b.received = b.received[:0]
}

// buffer returns the Buffer to which the reference r points. The Buffer is valid until the current
// task ends.
func (b *Borrowed) buffer(r reference) (Buffer, error) {
	if r.n > uint64(len(b.mem)) || r.at > uint64(len(b.mem))-r.n {
		return Buffer{}, &ReferenceError{"not within the arena"}
	}
	k := &block{mem: b.mem[r.at : r.at+r.n : r.at+r.n], borrowed: b, task: b.task.Load(), key: r.key, at: int(r.at)}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.received = append(b.received, k)
	return Buffer{block: k, n: int(r.n)}, nil
}

// around finds the buffer that contains the bytes of v, among the buffers that the current task has
// received. It returns a Buffer with these bytes, or false if there is no such buffer.
func (b *Borrowed) around(v []byte) (Buffer, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range b.received {
		if lo, ok := within(k.mem, v); ok {
			return Buffer{k, lo, len(v)}, true
		}
	}
	return Buffer{}, false
}
