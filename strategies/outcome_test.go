package strategies

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Only a large output may refer to the memory of the frame in which it arrived. Many small outputs
// share a frame, so one small output would keep the memory of all of them alive.
func TestDecodeAllAdopts(t *testing.T) {
	asked, adopted := 0, 0
	c := Codec[int]{
		Decode: func(src []byte) (int, error) { return len(src), nil },
		Adopt:  func(src []byte) (int, error) { adopted++; return len(src), nil },
	}
	for _, x := range []struct {
		sizes          []int
		asked, adopted int
	}{
		{[]int{1, work.LentFrom - 1, 1000}, 0, 0},
		{[]int{1, work.LentFrom, 1, 2 * work.LentFrom}, 1, 2},
	} {
		var src []byte
		for _, n := range x.sizes {
			src = append(binary.LittleEndian.AppendUint32(src, uint32(n)), make([]byte, n)...)
		}
		asked, adopted = 0, 0
		out := make([]int, len(x.sizes))
		err := decodeAll("k", c, &src, &work.Span{Hi: len(out)}, func() bool { asked++; return true }, out)
		if err != nil || asked != x.asked || adopted != x.adopted || !slices.Equal(out, x.sizes) {
			t.Errorf("%v: %v, asked %d times, %d adopted, %v", x.sizes, out, asked, adopted, err)
		}
	}
}

// A codec that does not append, or appends more than 4 GiB, fails only its own task. Inputs that
// were encoded earlier remain unchanged.
func TestEncodeAll(t *testing.T) {
	room := reserve(t, 5<<30)
	for what, spoil := range map[string]func(dst []byte) []byte{
		"its own bytes": func(dst []byte) []byte { return bytes.Repeat([]byte("mine"), 10) },
		"fewer bytes":   func(dst []byte) []byte { return dst[:len(dst)-1] },
		"as few bytes":  func(dst []byte) []byte { return []byte("12345678901234567890")[:len(dst)] },
		"nothing":       func(dst []byte) []byte { return nil },
		"5 GiB":         func(dst []byte) []byte { copy(room, dst); return room },
	} {
		c := Codec[string]{Append: func(dst []byte, v string) ([]byte, error) {
			if v == "bad" {
				return spoil(dst), nil
			}
			return append(dst, v...), nil
		}}
		dst, s := []byte("head"), work.Span{Lo: 0, Hi: 3}
		_, err := encodeAll("k", c, &dst, &s, 1<<20, []string{"good", "bad", "good"})
		var codec *CodecError
		if !errors.As(err, &codec) || codec.Step != "encode input" || s.Lo != 1 || string(dst) != "head\x04\x00\x00\x00good" {
			t.Errorf("%s: %q, %v, %v", what, dst, s, err)
		}
		if strings.Contains(err.Error(), "panic") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
