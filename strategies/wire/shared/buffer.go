// Package shared passes large data between a program and its worker processes by reference.
//
//  1. procs.Config.Arena gives a pool of worker processes an [Arena]: memory that the program and
//     all workers of the pool map. The method Buffer of the pool allocates a [Buffer] in it.
//  2. The program writes the input into the Buffer and passes the Buffer to a kernel, alone with
//     [Codec] or as a field of a struct with any codec of package codec except raw. The encoding is
//     a reference of 40 bytes.
//  3. The kernel in the worker reads and writes the same memory. It returns the Buffer, or a part of
//     it, as its output or as a field of it; the program then reads that memory.
//  4. The program calls Free after the last use.
//
// Without an arena the same program works: Buffers are ordinary memory, and codecs copy their
// bytes. The program must therefore read results from the Buffers that kernels return, and not from
// those that it passed to them.
//
// A Buffer belongs to the program that allocated it, also while a task uses it, and also if the
// worker is lost. The program must not access the bytes between the submission of the task and its
// outcome. The memory of a freed Buffer is reused only when no worker can access it any more: each
// task that received it has ended in its worker, was never started, or its worker has ended.
//
// Every worker can write all of the arena. A faulty worker program can therefore damage buffers of
// other tasks, though not the rest of the program: only the program itself records which memory is
// in use, and it accepts a reference only to a live buffer that it has sent, which has a random key.
// Do not give an arena to workers that run code you do not trust.
package shared

import (
	"strconv"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A Buffer is a sequence of bytes that processes can pass to each other by reference. Copies of a
// Buffer, and parts of it, share its memory. The zero Buffer has no bytes.
//
// All methods are safe for concurrent use, but access to the bytes is not synchronised.
type Buffer struct {
	block *block
	lo, n int
}

// A block is the memory of a Buffer and its parts.
type block struct {
	mem   []byte
	freed atomic.Bool

	// In an arena of this process.
	arena       *Arena // nil for other memory
	key         uint64 // random; names the block in references
	at          int    // offset in the arena
	first, last uint64 // times of the arena's clock between which references were encoded; 0 if none were

	// In an arena of the parent process.
	borrowed *Borrowed
	task     uint64 // task that received the block
}

// New returns a Buffer of n bytes in ordinary memory of this process. Codecs copy its bytes. New is
// for programs whose executor has no arena, and for kernels that create their output.
func New(n int) (Buffer, error) {
	if err := checkSize(n); err != nil {
		return Buffer{}, err
	}
	return Of(make([]byte, n)), nil
}

// Of returns a Buffer that refers to the memory of b. Codecs copy its bytes.
func Of(b []byte) Buffer { return Buffer{block: &block{mem: b}, n: len(b)} }

func checkSize(n int) error {
	if n < 1 {
		return &work.OptionError{Option: "buffer size", Value: n, Reason: "must be at least 1 byte, not " + strconv.Itoa(n)}
	}
	return nil
}

// Len returns the number of bytes.
func (b Buffer) Len() int { return b.n }

// Shared reports whether the bytes are in an arena, so that they travel by reference.
func (b Buffer) Shared() bool {
	return b.block != nil && (b.block.arena != nil || b.block.borrowed != nil)
}

// Bytes returns the bytes of b without a copy. After Free it returns a [FreedError]. In a worker
// process, it returns [ErrEnded] after the end of the task that received the Buffer. From then on,
// the caller must not use slices that Bytes returned earlier, because their memory may hold other
// data.
//
// The bytes of a new Buffer can have any value.
func (b Buffer) Bytes() ([]byte, error) {
	if b.block == nil {
		return nil, nil
	}
	if err := b.block.usable(); err != nil {
		return nil, err
	}
	return b.block.mem[b.lo : b.lo+b.n : b.lo+b.n], nil
}

// Slice returns the part of b from byte lo up to, but not including, byte hi. The part shares the
// memory of b: tasks can work on parts of one Buffer at the same time, and Free of any part frees
// all of the memory. If the part is not within b, Slice returns a [RangeError].
func (b Buffer) Slice(lo, hi int) (Buffer, error) {
	if lo < 0 || hi < lo || hi > b.n {
		return Buffer{}, &RangeError{lo, hi, b.n}
	}
	return Buffer{b.block, b.lo + lo, hi - lo}, nil
}

// Free gives the memory of b back to the arena. From then on, every use of b and of Buffers that
// share its memory returns a [FreedError]. If a task that has received b still runs, the memory is
// reused only after the end of this task. Memory outside an arena needs no Free.
//
// Free also works after the pool was closed. Memory that is never freed stays occupied until the
// program ends, because slices that Bytes has returned may still be in use.
func (b Buffer) Free() error {
	switch k := b.block; {
	case k == nil:
		return nil
	case k.borrowed != nil:
		return ErrBorrowed
	case k.freed.Swap(true):
		return &FreedError{len(k.mem)}
	case k.arena != nil:
		k.arena.free(k)
	}
	return nil
}

// usable returns an error if the memory of k may already hold other data, and nil otherwise.
func (k *block) usable() error {
	switch {
	case k.borrowed != nil && k.borrowed.task.Load() != k.task:
		return ErrEnded
	case k.freed.Load():
		return &FreedError{len(k.mem)}
	}
	return nil
}
