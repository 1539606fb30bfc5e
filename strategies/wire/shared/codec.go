package shared

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"unsafe"

	"github.com/payoff-bench/payoff/strategies"
)

// An encoded Buffer begins with one word that says how the bytes travel. It is a reference, or the
// word followed by the bytes.
const (
	wordLen      = 8            // a word keeps the bytes after it aligned
	byCopy       = 0x0079706f63 // "copy"
	byReference  = 0x00666572   // "ref"
	referenceLen = wordLen + 4*8
)

// A reference stands for bytes of an arena. Its encoding is the word "ref" in eight bytes
// (byReference), followed by the fields of the reference, each as a u64, little endian.
type reference struct {
	arena uint64 // identity of the arena
	key   uint64 // of the block
	at    uint64 // offset in the arena
	n     uint64 // number of bytes
}

// Codec returns the codec for a kernel whose input or output is a Buffer.
func Codec() strategies.Codec[Buffer] {
	return strategies.Codec[Buffer]{
		Append: func(dst []byte, b Buffer) ([]byte, error) { return b.AppendBinary(dst) },
		Decode: func(src []byte) (Buffer, error) { return decode(src, true) },
		Adopt:  func(src []byte) (Buffer, error) { return decode(src, false) },
	}
}

// Bytes returns the codec for a kernel whose input or output is a byte slice. It sends a slice of a
// Buffer in an arena by reference, and copies any other slice.
//
// In a worker, a slice that was sent by reference is memory of the arena: the kernel must not keep
// the slice, and must not append to it in place. If the kernel returns a part of the slice, this
// part is sent back by reference.
//
// With [Codec], the use of a freed Buffer is an error. With Bytes, nothing detects the use of a
// slice whose Buffer was freed.
func Bytes() strategies.Codec[[]byte] {
	decode := func(decode func([]byte) (Buffer, error)) func([]byte) ([]byte, error) {
		return func(src []byte) ([]byte, error) {
			b, err := decode(src)
			if err != nil {
				return nil, err
			}
			return b.Bytes()
		}
	}
	c := Codec()
	return strategies.Codec[[]byte]{
		Append: func(dst, v []byte) ([]byte, error) { return around(v).AppendBinary(dst) },
		Decode: decode(c.Decode),
		Adopt:  decode(c.Adopt),
	}
}

// around returns a Buffer with the bytes of v. If v is part of a buffer in an arena, the returned
// Buffer is part of the same buffer.
func around(v []byte) Buffer {
	b := Of(v)
	if len(v) > 0 {
		arenas.Range(func(_, a any) bool {
			in, ok := a.(interface{ around([]byte) (Buffer, bool) }).around(v)
			if ok {
				b = in
			}
			return !ok
		})
	}
	return b
}

// within returns the offset of the slice v in the slice mem. If v is not a part of mem, it returns
// false. The slice v must have at least one byte.
func within(mem, v []byte) (lo int, ok bool) {
	from := uintptr(unsafe.Pointer(unsafe.SliceData(mem)))
	at := uintptr(unsafe.Pointer(&v[0]))
	if at < from || at-from > uintptr(len(mem)) || uintptr(len(v)) > uintptr(len(mem))-(at-from) {
		return 0, false
	}
	return int(at - from), true
}

// AppendBinary implements [encoding.BinaryAppender]. If b is in an arena, only processes of the
// arena's pool can decode the result. Workers decode references from their parent, and the parent
// decodes references from its workers.
func (b Buffer) AppendBinary(dst []byte) ([]byte, error) {
	k := b.block
	if k == nil {
		return binary.LittleEndian.AppendUint64(dst, byCopy), nil
	}
	if err := k.usable(); err != nil {
		return dst, err
	}
	r := reference{key: k.key, at: uint64(k.at + b.lo), n: uint64(b.n)}
	switch {
	case k.arena != nil:
		if err := k.arena.refer(k); err != nil {
			return dst, err
		}
		r.arena = k.arena.id
	case k.borrowed != nil:
		r.arena = k.borrowed.id
	default:
		dst = binary.LittleEndian.AppendUint64(dst, byCopy)
		return append(dst, k.mem[b.lo:b.lo+b.n]...), nil
	}
	for _, word := range [...]uint64{byReference, r.arena, r.key, r.at, r.n} {
		dst = binary.LittleEndian.AppendUint64(dst, word)
	}
	return dst, nil
}

// MarshalBinary implements [encoding.BinaryMarshaler], for a Buffer in a struct; see AppendBinary.
func (b Buffer) MarshalBinary() ([]byte, error) { return b.AppendBinary(nil) }

// UnmarshalBinary implements [encoding.BinaryUnmarshaler].
func (b *Buffer) UnmarshalBinary(src []byte) (err error) {
	*b, err = decode(src, true)
	return err
}

// MarshalText implements [encoding.TextMarshaler], for codecs such as JSON; see AppendBinary.
func (b Buffer) MarshalText() ([]byte, error) {
	raw, err := b.AppendBinary(nil)
	return base64.StdEncoding.AppendEncode(nil, raw), err
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (b *Buffer) UnmarshalText(text []byte) error {
	raw, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil {
		return &ReferenceError{err.Error()}
	}
	*b, err = decode(raw, false)
	return err
}

// decode returns the Buffer whose encoding is src. If clone is false, the Buffer may use the memory
// of src.
func decode(src []byte, clone bool) (Buffer, error) {
	if len(src) < wordLen {
		return Buffer{}, &ReferenceError{fmt.Sprintf("its encoding has %d bytes, fewer than %d", len(src), wordLen)}
	}
	switch word := binary.LittleEndian.Uint64(src); {
	case word == byCopy && len(src) == wordLen:
		return Buffer{}, nil
	case word == byCopy && clone:
		return Of(append([]byte(nil), src[wordLen:]...)), nil
	case word == byCopy:
		return Of(src[wordLen:]), nil
	case word != byReference || len(src) != referenceLen:
		return Buffer{}, &ReferenceError{fmt.Sprintf("%d bytes are not the encoding of a reference", len(src))}
	}
	field := func(i int) uint64 { return binary.LittleEndian.Uint64(src[i*8:]) }
	r := reference{arena: field(1), key: field(2), at: field(3), n: field(4)}
	switch a, _ := arenas.Load(r.arena); a := a.(type) {
	case *Arena:
		return a.buffer(r)
	case *Borrowed:
		return a.buffer(r)
	}
	return Buffer{}, &ReferenceError{"this process does not have its arena; allocate the buffer by the method Buffer of the executor that runs the task"}
}
