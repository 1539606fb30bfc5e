// Package ring provides a queue of bytes in memory that two processes share. One process writes,
// the other process reads, and neither uses a lock.
//
// The writer and the reader each keep their own index in private memory and publish copies of it.
// From shared memory each side reads only one number, the index of the other side, and checks it. An
// index may only advance: that of the reader at most by the bytes in the ring, that of the writer at
// most by the free space. Data is copied out before it is used. Whatever the other process
// writes, only the data can be wrong. A checksum can detect wrong data.
package ring

import (
	"fmt"
	"io"
	"math/bits"
	"sync/atomic"
	"unsafe"
)

// HeadLen is the number of bytes before the data in the memory of a ring: two pairs of cache lines,
// since processors fetch cache lines in pairs.
const HeadLen = 256

// step is the largest number of bytes copied before they are published, so that both sides of a
// large transfer work at the same time.
const step = 32 << 10

type indices struct {
	tail   atomic.Uint64 // number of bytes written so far
	closed atomic.Uint32 // not 0 if no more bytes will follow
	_      [116]byte
	head   atomic.Uint64 // number of bytes read so far
	_      [120]byte
}

// A CorruptError reports an index in shared memory that a correct peer cannot have stored. The ring
// cannot be used afterwards.
type CorruptError struct {
	Index string // "read" or "write"
	Seen  uint64
	Least uint64 // smallest valid index; Most is the largest
	Most  uint64
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("shared memory is corrupt: the %s index is %d, but must be %d to %d", e.Index, e.Seen, e.Least, e.Most)
}

// A SizeError reports that the memory for a ring has the wrong size or alignment.
type SizeError struct{ Len int }

func (e *SizeError) Error() string {
	return fmt.Sprintf("the memory of a ring must be aligned to eight bytes and have %d bytes plus a power of two; it has %d bytes", HeadLen, e.Len)
}

func lay(mem []byte) (*indices, []byte, error) {
	n := len(mem) - HeadLen
	if n <= 0 || bits.OnesCount(uint(n)) != 1 || uintptr(unsafe.Pointer(&mem[0]))%8 != 0 {
		return nil, nil, &SizeError{Len: len(mem)}
	}
	return (*indices)(unsafe.Pointer(&mem[0])), mem[HeadLen:], nil
}

// A Writer writes to a ring. Only one goroutine at a time may use it.
type Writer struct {
	shared *indices
	data   []byte
	tail   uint64
	head   uint64 // index of the reader when the writer last read it
}

// NewWriter returns the writer of the ring in mem. The length of mem must be HeadLen plus a power
// of two, mem must be aligned to eight bytes, and its bytes must be zero at first. A ring has one
// writer and one reader.
func NewWriter(mem []byte) (*Writer, error) {
	shared, data, err := lay(mem)
	return &Writer{shared: shared, data: data}, err
}

// look reads the index of the reader from shared memory and checks it.
func (w *Writer) look() error {
	head := w.shared.head.Load()
	if head-w.head > w.tail-w.head {
		return &CorruptError{Index: "read", Seen: head, Least: w.head, Most: w.tail}
	}
	w.head = head
	return nil
}

// Room reports whether a byte can be written now. If the ring is corrupt, Room returns true, so
// that the caller gets the error from the next Write.
func (w *Writer) Room() bool { return w.look() != nil || w.tail-w.head < uint64(len(w.data)) }

// Write writes as many bytes of p as the ring has room for, at most 32 KiB, and publishes them to
// the reader. It returns the number of bytes written.
func (w *Writer) Write(p []byte) (n int, err error) {
	size := uint64(len(w.data))
	want := uint64(min(len(p), step))
	if size-(w.tail-w.head) < want {
		if err := w.look(); err != nil {
			return 0, err
		}
	}
	want = min(want, size-(w.tail-w.head))
	if want == 0 {
		return 0, nil
	}
	at := w.tail & (size - 1)
	first := copy(w.data[at:], p[:want])
	copy(w.data, p[first:want])
	w.tail += want
	w.shared.tail.Store(w.tail)
	return int(want), nil
}

// Close informs the reader that no more data will follow.
func (w *Writer) Close() { w.shared.closed.Store(1) }

// A Reader reads from a ring. Only one goroutine at a time may use it.
type Reader struct {
	shared *indices
	data   []byte
	head   uint64
	tail   uint64 // index of the writer when the reader last read it
}

// NewReader returns the reader of the ring in mem. The rules for mem are those of [NewWriter].
func NewReader(mem []byte) (*Reader, error) {
	shared, data, err := lay(mem)
	return &Reader{shared: shared, data: data}, err
}

// look reads the index of the writer from shared memory and checks it.
func (r *Reader) look() error {
	tail := r.shared.tail.Load()
	if most := uint64(len(r.data)) - (r.tail - r.head); tail-r.tail > most {
		return &CorruptError{Index: "write", Seen: tail, Least: r.tail, Most: r.tail + most}
	}
	r.tail = tail
	return nil
}

// Ready reports whether Read would now return bytes, the end of the data, or an error.
func (r *Reader) Ready() bool {
	return r.tail != r.head || r.look() != nil || r.tail != r.head || r.shared.closed.Load() != 0
}

// Read reads available bytes into p, at most 32 KiB. It returns 0 if no bytes are available, and
// io.EOF at the end of the data.
func (r *Reader) Read(p []byte) (n int, err error) {
	if r.tail-r.head < uint64(min(len(p), step)) {
		closed := r.shared.closed.Load() // load closed before look, so that look sees all bytes written before Close
		if err := r.look(); err != nil {
			return 0, err
		}
		if closed != 0 && r.tail == r.head {
			return 0, io.EOF
		}
	}
	n = int(min(uint64(len(p)), step, r.tail-r.head))
	if n == 0 {
		return 0, nil
	}
	at := r.head & uint64(len(r.data)-1)
	first := copy(p[:n], r.data[at:])
	copy(p[first:n], r.data)
	r.head += uint64(n)
	r.shared.head.Store(r.head)
	return n, nil
}

// Roomy reports whether at least half of the ring is free. Only then should the reader wake a
// writer that waits for room: with less room, the writer would soon sleep again.
//
// Roomy does not read shared memory. It uses the index of the writer that the reader has read last.
// If the reader has read all data up to this index, Roomy returns true, although the writer may
// have written more.
func (r *Reader) Roomy() bool { return r.tail-r.head <= uint64(len(r.data))/2 }

// Abandon makes the Reader behave as if the writer had called [Writer.Close]. The reader calls it
// if the process of the writer has ended.
func (r *Reader) Abandon() { r.shared.closed.Store(1) }
