package shared

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"testing"
)

// TestCopied checks that buffers in ordinary memory are copied, both by the codec of the function
// Codec and by codecs of text.
func TestCopied(t *testing.T) {
	for _, want := range [][]byte{nil, {}, {7}, bytes.Repeat([]byte("x"), 100_000)} {
		b := Of(want)
		enc, err := Codec().Append(nil, b)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(struct{ B Buffer }{b})
		if err != nil {
			t.Fatal(err)
		}
		var fromText struct{ B Buffer }
		if err := json.Unmarshal(text, &fromText); err != nil {
			t.Fatal(err)
		}
		decoded, err1 := Codec().Decode(enc)
		adopted, err2 := Codec().Adopt(enc)
		for _, got := range []Buffer{decoded, adopted, fromText.B} {
			if v, err := got.Bytes(); !bytes.Equal(v, want) || err != nil || got.Shared() {
				t.Errorf("%d bytes became %d: %v, %v, %v", len(want), len(v), err, err1, err2)
			}
		}
		if len(want) > 0 {
			enc[wordLen]++
			if v, _ := decoded.Bytes(); v[0] != want[0] {
				t.Error("the Buffer from Decode uses the memory of the source")
			}
		}
	}
}

// TestSlice checks that a part of a buffer must be within the buffer, and shares its memory.
func TestSlice(t *testing.T) {
	b := Of([]byte("abcdef"))
	part, err := b.Slice(1, 5)
	if err != nil {
		t.Fatal(err)
	}
	part, err = part.Slice(1, 3)
	if v, _ := part.Bytes(); err != nil || string(v) != "cd" || cap(v) != 2 || part.Len() != 2 {
		t.Errorf("%q %v", v, err)
	}
	for _, r := range [][2]int{{-1, 1}, {2, 1}, {0, 5}, {math.MinInt, math.MaxInt}, {math.MaxInt, math.MaxInt}} {
		var e *RangeError
		if _, err := (Buffer{b.block, 0, 4}).Slice(r[0], r[1]); !errors.As(err, &e) {
			t.Errorf("%v: %v", r, err)
		}
	}
	if part.Free() != nil {
		t.Error("got an error from Free of a part")
	}
	var freed *FreedError
	if !errors.As(b.Free(), &freed) {
		t.Error("got no FreedError from Free after Free of a part")
	}
	if _, err := b.MarshalText(); !errors.As(err, &freed) {
		t.Error(err)
	}
	var zero Buffer
	if v, err := zero.Bytes(); v != nil || err != nil || zero.Free() != nil || zero.Shared() {
		t.Error("the zero Buffer has bytes or returns an error")
	}
}

// TestForged decodes references that no correct worker can send. Each must give an error, and no
// access to memory.
func TestForged(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no arenas on this system")
	}
	a, err := NewArena(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var all []Buffer
	for range 3 {
		b, err := a.Alloc(t.Context(), 5000)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
		defer b.Free()
	}
	b := all[1]
	good, err := b.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	at := uint64(b.block.at)
	for name, field := range map[string]struct {
		i int
		v uint64
	}{
		"word": {0, 17}, "arena": {1, a.id + 1}, "key": {2, b.block.key + 1}, "neighbour": {2, 0},
		"before": {3, at - 1}, "after": {3, at + 1}, "far": {3, math.MaxUint64}, "edge": {3, at + 5001},
		"long": {4, 5001}, "endless": {4, math.MaxUint64},
	} {
		enc := bytes.Clone(good)
		binary.LittleEndian.PutUint64(enc[8*field.i:], field.v)
		var e *ReferenceError
		if got, err := decode(enc, true); !errors.As(err, &e) {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
	for n := range good {
		if _, err := decode(good[:n], true); err == nil {
			t.Errorf("got no error for the first %d bytes of an encoding", n)
		}
	}
	if _, err := decode(append(good, 0), true); err == nil {
		t.Error("got no error for an encoding with one byte too many")
	}
	var gone Buffer
	if err := gone.UnmarshalText([]byte("!")); err == nil {
		t.Error("got no error for a text that is not base64")
	}
	all[0].Free()
	if err := gone.UnmarshalBinary(good); err != nil || gone != b {
		t.Error(err)
	}
}

// FuzzDecode checks that decoding any bytes returns an error, or a Buffer that can be encoded
// again.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(binary.LittleEndian.AppendUint64(nil, byCopy))
	f.Add(append(binary.LittleEndian.AppendUint64(nil, byCopy), "bytes"...))
	f.Add(append(binary.LittleEndian.AppendUint64(nil, byReference), make([]byte, 32)...))
	f.Fuzz(func(t *testing.T, src []byte) {
		b, err := decode(src, true)
		if err != nil {
			return
		}
		if enc, err := b.MarshalBinary(); err != nil || !bytes.Equal(enc, src) {
			t.Errorf("got encoding %x of the Buffer from %x: %v", enc, src, err)
		}
	})
}
