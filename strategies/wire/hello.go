package wire

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"runtime/debug"
	"strings"
)

// magic is the start of the payload of the first frame in each direction.
const magic = "payoff\r\n"

const module = "github.com/payoff-bench/payoff"

// A Side holds the versions that the program at one end of a channel uses: that of the protocol and
// that of payoff.
type Side struct {
	Protocol int
	Version  string // version of payoff, from the build information; empty if unknown
}

func (s Side) String() string {
	return fmt.Sprintf("protocol %d, payoff %s", s.Protocol, cmp.Or(s.Version, "of unknown version"))
}

// Here returns the Side of this program.
func Here() Side {
	s := Side{Protocol: Protocol}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return s
	}
	for _, m := range append(info.Deps, &info.Main) {
		// A build from modified sources has no version to compare.
		if m.Path == module && m.Version != "(devel)" && !strings.HasSuffix(m.Version, "+dirty") {
			s.Version = m.Version
		}
	}
	return s
}

// A VersionError reports that the parent and the worker use different versions.
type VersionError struct{ Parent, Worker Side }

func (e *VersionError) Error() string {
	return fmt.Sprintf("parent and worker have different versions: the parent has %v, the worker has %v; build both from the same sources", e.Parent, e.Worker)
}

// Compare compares the versions of the parent and the worker, and returns a VersionError if the two
// cannot work together. It compares their versions of payoff only if both are known.
func Compare(parent, worker Side) error {
	if parent.Protocol != worker.Protocol ||
		parent.Version != worker.Version && parent.Version != "" && worker.Version != "" {
		return &VersionError{Parent: parent, Worker: worker}
	}
	return nil
}

// A Ready is the content of the first frame of a worker, its answer to Hello.
type Ready struct {
	Side    Side
	PID     int
	Kernels []string // names of the kernels; Header.Kernel is an index of this list
}

// A Hello is the content of the first frame of the parent.
type Hello struct {
	Side  Side
	Depth int    // depth of the worker: 1 if its parent is not itself a worker
	Arena uint64 // identity of the arena that the worker has inherited; 0 if there is none
}

// AppendHello appends a Hello frame with the content h.
func AppendHello(dst []byte, h Hello) []byte {
	return appendFrame(dst, Header{Kind: KindHello}, func(b []byte) []byte {
		b = binary.LittleEndian.AppendUint32(appendSide(b, h.Side), uint32(h.Depth))
		return binary.LittleEndian.AppendUint64(b, h.Arena)
	})
}

// AppendReady appends a Ready frame with the content r.
func AppendReady(dst []byte, r Ready) []byte {
	return appendFrame(dst, Header{Kind: KindReady}, func(b []byte) []byte {
		b = appendSide(b, r.Side)
		b = binary.LittleEndian.AppendUint32(b, uint32(r.PID))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(r.Kernels)))
		for _, k := range r.Kernels {
			b = appendText(b, k)
		}
		return b
	})
}

// appendFrame appends a frame with the header h to dst. It calls the function payload to append the
// payload, and then sets the payload's length in the header.
func appendFrame(dst []byte, h Header, payload func([]byte) []byte) []byte {
	at := len(dst)
	dst = payload(append(dst, make([]byte, HeaderLen)...))
	h.Len = uint32(len(dst) - at - HeaderLen)
	h.Put(dst[at:])
	return dst
}

// appendSide appends the encoding of s, the versions that one side uses, to b. This encoding is the
// same in every version of the protocol, so that programs with different versions can read it.
func appendSide(b []byte, s Side) []byte {
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(s.Protocol))
	return appendText(b, s.Version)
}

func appendText(b []byte, s string) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

// ParseHello decodes p, the payload of a Hello frame. If the parent uses another version of the
// protocol, ParseHello decodes only the parent's versions, the field Side.
func ParseHello(p []byte) (Hello, error) {
	r := reader{rest: p}
	h := Hello{Side: r.side()}
	if !r.bad && h.Side.Protocol == Protocol {
		h.Depth = int(r.uint32())
		h.Arena = r.uint64()
	}
	return h, r.err(KindHello, len(p))
}

// ParseReady decodes p, the payload of a Ready frame. If the worker uses another version of the
// protocol, ParseReady decodes only the worker's versions, the field Side.
func ParseReady(p []byte) (Ready, error) {
	r := reader{rest: p}
	ready := Ready{Side: r.side()}
	if r.bad || ready.Side.Protocol != Protocol {
		return ready, r.err(KindReady, len(p))
	}
	ready.PID = int(r.uint32())
	for n := r.uint32(); n > 0 && !r.bad; n-- {
		ready.Kernels = append(ready.Kernels, r.text())
	}
	return ready, r.err(KindReady, len(p))
}

// A reader decodes the fields of a payload one after another. Its field rest is the part that is
// not decoded yet. Its field bad is set when a field of the payload is longer than rest.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) bytes(n uint32) []byte {
	if r.bad || uint64(n) > uint64(len(r.rest)) {
		r.bad = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) uint32() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) text() string { return string(r.bytes(r.uint32())) }

func (r *reader) side() Side {
	if string(r.bytes(uint32(len(magic)))) != magic {
		r.bad = true
	}
	return Side{Protocol: int(r.uint32()), Version: r.text()}
}

func (r *reader) err(k Kind, n int) error {
	if r.bad {
		return &FrameError{Header: Header{Kind: k, Len: uint32(n)}, Reason: "not a payoff frame, or incomplete"}
	}
	return nil
}
