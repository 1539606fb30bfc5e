package gob

import (
	"encoding/binary"
	"io"
	"math/bits"
)

// A feed is the input of a gob decoder: the bytes in its field head, followed by those in body. It
// implements io.ByteReader, because the decoder would otherwise add a buffer.
type feed struct{ head, body []byte }

func (f *feed) Read(p []byte) (int, error) {
	from := &f.head
	if len(f.head) == 0 {
		from = &f.body
	}
	if len(*from) == 0 {
		return 0, io.EOF
	}
	n := copy(p, *from)
	*from = (*from)[n:]
	return n, nil
}

func (f *feed) ReadByte() (byte, error) {
	var b [1]byte
	_, err := f.Read(b[:])
	return b[0], err
}

// appendUint appends the number x to dst in gob's encoding (see "Encoding Details" in package
// encoding/gob). A number below 128 is one byte. For any other number, the first byte is the
// negated number of bytes that follow, and the bytes of x follow, the most significant first.
func appendUint(dst []byte, x uint64) []byte {
	if x < 128 {
		return append(dst, byte(x))
	}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], x)
	n := (bits.Len64(x) + 7) / 8
	return append(append(dst, byte(-n)), b[8-n:]...)
}

// cutUint decodes a number in gob's encoding from the front of b. It returns the number and the
// rest of b.
func cutUint(b []byte) (x uint64, rest []byte, ok bool) {
	if len(b) == 0 {
		return 0, nil, false
	}
	if b[0] < 128 {
		return uint64(b[0]), b[1:], true
	}
	n := -int(int8(b[0]))
	if n > 8 || len(b) < 1+n {
		return 0, nil, false
	}
	for _, c := range b[1 : 1+n] {
		x = x<<8 | uint64(c)
	}
	return x, b[1+n:], true
}
