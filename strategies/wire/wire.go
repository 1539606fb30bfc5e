// Package wire defines the protocol between a program and its worker processes: frames, the
// handshake, outcomes of tasks, and a shared page. It does not depend on how a pool uses the
// workers.
//
// Each worker has a private channel in both directions, which package transport creates. The parent
// sends a Hello frame, and the worker answers with a Ready frame that lists its kernels. Then the
// parent sends Tasks frames. The worker sends the outcomes in the order of the tasks: an Outputs
// frame for one or more tasks with an output, and an Error frame for each task that failed. The
// parent may send an Init frame before the tasks; the worker answers it like a task.
//
// Parent and worker also share a [Page] of memory. In it the worker claims each task before it runs
// the task, and keeps results that it has not sent yet. If a worker dies, the parent knows which
// tasks had finished, which task was running, and which tasks had not started. The parent can also
// recall tasks that a live worker has not started.
package wire

import (
	"encoding/binary"
	"fmt"
)

// Protocol is the version of the protocol. It covers everything that this package defines.
const Protocol = 6

// Descriptors and environment variable of a worker process, in addition to the standard
// descriptors.
const (
	FDPage         = 3                            // descriptor of the shared page
	FDArena        = 4                            // descriptor of the arena of package shared; the null device if there is none
	FDChannel      = 5                            // first descriptor of the channel for frames
	EnvProfile     = "PAYOFF_WORKER_PROFILE"      // folder for the profile of the process; unset for no profile
	EnvProfileKind = "PAYOFF_WORKER_PROFILE_KIND" // kind of that profile, a row of package profiler
)

// HeaderLen is the length of an encoded header. MaxPayload is the largest number of bytes that may
// follow a header.
const (
	HeaderLen  = 16
	MaxPayload = 1 << 30
)

// A Kind is the type of the message in a frame.
type Kind uint8

const (
	KindHello   Kind = 1 + iota // to the worker: the parent's version
	KindReady                   // to the parent: the worker's version and kernels
	KindInit                    // to the worker: one task that prepares it; the payload is that of a Tasks frame
	KindTasks                   // to the worker: Number tasks of one kernel; each is the length of its input as u32, then the input
	KindOutputs                 // to the parent: the outputs of task Number and the tasks after it; each is its length as u32, then the output
	KindError                   // to the parent: the error of task Number; Number is 0 for an Init
)

func (k Kind) String() string {
	if k < KindHello || k > KindError {
		return fmt.Sprintf("kind %d", uint8(k))
	}
	return [...]string{"hello", "ready", "init", "tasks", "outputs", "error"}[k-KindHello]
}

// A Header is the start of a frame. Its encoding has sixteen bytes, little endian: length u32, kind
// u8, flags u8, epoch u16, kernel u32, number u32.
type Header struct {
	Len    uint32 // number of bytes that follow
	Kind   Kind
	Flags  uint8  // for a Tasks frame only
	Epoch  uint16 // for a Tasks frame only; see Page
	Kernel uint32 // index in Ready.Kernels
	Number uint32 // number of tasks, or the number of the first task (modulo [Tasks])
}

// Flags of a Tasks frame. Without FlagPrompt a worker sends results when it has enough of them or
// no more tasks.
const (
	FlagPrompt = 1 << iota // the worker sends each result within 50 µs
	FlagTimed              // the worker records in the page when each task begins

	flags = FlagPrompt | FlagTimed
)

// Put encodes h into the first HeaderLen bytes of b.
func (h Header) Put(b []byte) {
	_ = b[HeaderLen-1]
	binary.LittleEndian.PutUint64(b, uint64(h.Len)|uint64(h.Kind)<<32|uint64(h.Flags)<<40|uint64(h.Epoch)<<48)
	binary.LittleEndian.PutUint64(b[8:], uint64(h.Kernel)|uint64(h.Number)<<32)
}

// parse decodes the first HeaderLen bytes of b into h. It reports whether they are a valid header.
func (h *Header) parse(b []byte) (sane bool) {
	x, y := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:16])
	h.Len, h.Kind, h.Flags, h.Epoch = uint32(x), Kind(x>>32), uint8(x>>40), uint16(x>>48)
	h.Kernel, h.Number = uint32(y), uint32(y>>32)
	return Kind(x>>32)-KindHello <= KindError-KindHello && uint8(x>>40)&^flags == 0 && uint32(x) <= MaxPayload
}

// err returns an error that says why the header h is invalid.
func (h *Header) err() error {
	if h.Len > MaxPayload {
		return &FrameError{Header: *h, Reason: fmt.Sprintf("longer than %d bytes, or not a frame", MaxPayload)}
	}
	return &FrameError{Header: *h, Reason: "not a frame"}
}

// A FrameError reports bytes that are not a frame, or a frame of a kind that is not allowed at this
// point of the exchange. The channel cannot be used afterwards.
type FrameError struct {
	Header Header
	Reason string
}

func (e *FrameError) Error() string {
	return fmt.Sprintf("bad frame (%v, %d bytes): %s", e.Header.Kind, e.Header.Len, e.Reason)
}

// AppendInit appends an Init frame to dst. The frame makes the worker call a kernel with the
// encoded input before any task runs. The argument kernel is the index of this kernel in
// Ready.Kernels.
func AppendInit(dst []byte, kernel int, input []byte) []byte {
	return appendFrame(dst, Header{Kind: KindInit, Kernel: uint32(kernel), Number: 1}, func(b []byte) []byte {
		return append(binary.LittleEndian.AppendUint32(b, uint32(len(input))), input...)
	})
}

// TaskHeaderLen is the number of bytes that hold the length of each task in a Tasks frame, and of
// each output in an Outputs frame.
const TaskHeaderLen = 4

// NextTask splits p, the payload of a Tasks frame, into the input of the first task and the rest.
// If p is the payload of an Outputs frame, it splits p into the first output and the rest. The
// result ok is false if p is too short.
func NextTask(p []byte) (input, rest []byte, ok bool) {
	if len(p) < TaskHeaderLen {
		return nil, nil, false
	}
	n := uint64(binary.LittleEndian.Uint32(p))
	p = p[TaskHeaderLen:]
	if n > uint64(len(p)) {
		return nil, nil, false
	}
	return p[:n:n], p[n:], true
}

// CountTasks returns the number of tasks in p, the payload of a Tasks frame. If p is the payload of
// an Outputs frame, it returns the number of outputs. The result ok is false if the last task or
// output is incomplete.
func CountTasks(p []byte) (n int, ok bool) {
	for ; len(p) >= TaskHeaderLen; n++ {
		size := uint64(binary.LittleEndian.Uint32(p)) + TaskHeaderLen
		if size > uint64(len(p)) {
			return n, false
		}
		p = p[size:]
	}
	return n, len(p) == 0
}
