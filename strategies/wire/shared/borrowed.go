package shared

import "sync/atomic"

// A Borrowed is the arena of the parent process, as a worker process uses it. Only the parent knows
// which parts of it are in use.
type Borrowed struct {
	id   uint64
	mem  []byte
	task atomic.Uint64 // number of the task that the worker runs; references of earlier tasks are invalid
}

// Borrow maps the arena with the inherited descriptor fd and closes fd. It returns nil if fd is not
// an arena, because the pool has none.
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

// NextTask ends the validity of all references that the process has received. The worker calls it
// before each task.
func (b *Borrowed) NextTask() {
	if b != nil {
		b.task.Add(1)
	}
}

// buffer returns the Buffer that r refers to. It is valid until the current task ends.
func (b *Borrowed) buffer(r reference) (Buffer, error) {
	if r.n > uint64(len(b.mem)) || r.at > uint64(len(b.mem))-r.n {
		return Buffer{}, &ReferenceError{"not within the arena"}
	}
	mem := b.mem[r.at : r.at+r.n : r.at+r.n]
	return Buffer{block: &block{mem: mem, borrowed: b, task: b.task.Load(), key: r.key, at: int(r.at)}, n: int(r.n)}, nil
}
