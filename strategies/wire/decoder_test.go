package wire

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"unsafe"
)

// FuzzDecoder passes frames and then garbage to a Decoder, in reads of any size.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte("some payload"), []byte{1, 2, 3}, []byte("garbage that is no header at all"))
	f.Add([]byte{}, []byte{0}, []byte{})
	f.Fuzz(func(t *testing.T, data, cuts, garbage []byte) {
		var want []string
		var stream []byte
		for i := 0; len(data) > 0; i++ {
			n := min(int(data[0])*int(data[0]), len(data))
			want = append(want, string(data[:n]))
			stream = appendOutput(stream, uint32(i), string(data[:n]))
			data = data[max(n, 1):]
		}
		stream = append(stream, garbage...)
		var d Decoder
		seen := 0
		for i := 0; ; i++ {
			ok, err := d.Next()
			if err != nil {
				var e *FrameError
				if !errors.As(err, &e) || seen < len(want) {
					t.Fatal(err)
				}
				return
			}
			if ok {
				if seen < len(want) && (d.Header.Kind != KindOutputs || d.Header.Number != uint32(seen) || string(d.Payload) != want[seen]) {
					t.Fatalf("frame %d: got header %+v and payload %q, want payload %q", seen, d.Header, d.Payload, want[seen])
				}
				seen++
				continue
			}
			if len(stream) == 0 {
				break
			}
			n := len(stream)
			if len(cuts) > 0 {
				n = min(n, 1+int(cuts[i%len(cuts)]))
			}
			n = copy(d.Space(), stream[:n])
			d.Wrote(n)
			stream = stream[n:]
		}
		if seen < len(want) {
			t.Fatalf("got %d frames, want %d", seen, len(want))
		}
	})
}

// TestDecoderGrowth checks that the decoder does not allocate memory for the payload when only the
// header of a frame has arrived, whatever length the header contains.
func TestDecoderGrowth(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var d Decoder
	b := appendOutput(nil, 0, "")
	Header{Len: MaxPayload, Kind: KindOutputs}.Put(b)
	d.Wrote(copy(d.Space(), b))
	if ok, err := d.Next(); ok || err != nil {
		t.Fatal(ok, err)
	}
	if len(d.Space()) == 0 {
		t.Error("got an empty slice from Space")
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 4*decoderSize {
		t.Errorf("got %d bytes allocated for a header alone, want at most %d", n, 4*decoderSize)
	}
	Header{Len: MaxPayload + 1, Kind: KindOutputs}.Put(b)
	d = Decoder{}
	d.Wrote(copy(d.Space(), b))
	var e *FrameError
	if _, err := d.Next(); !errors.As(err, &e) {
		t.Errorf("frame over MaxPayload: got error %v, want a FrameError", err)
	}
}

func TestDecoderLarge(t *testing.T) {
	payload := strings.Repeat("0123456789abcdef", 1<<17)
	stream := appendOutput(appendOutput(appendOutput(nil, 0, "x"), 1, payload), 2, "y")
	var d Decoder
	var got []string
	for {
		ok, err := d.Next()
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			got = append(got, string(d.Payload))
			continue
		}
		if len(stream) == 0 {
			break
		}
		n := copy(d.Space(), stream)
		d.Wrote(n)
		stream = stream[n:]
	}
	if len(got) != 3 || got[0] != "x" || got[1] != payload || got[2] != "y" {
		t.Errorf("got %d frames, want the 3 that were sent", len(got))
	}
	if d.Space(); len(d.buf) > decoderKeep || d.own != nil {
		t.Errorf("got %d and %d bytes kept, want at most %d and 0", len(d.buf), len(d.own), decoderKeep)
	}
}

// TestDecoderGive checks that frames of all sizes arrive in reads of all sizes, and that the
// decoder does not change memory that it has given away.
func TestDecoderGive(t *testing.T) {
	sizes := []int{0, 1, 100, smallFrame - HeaderLen, smallFrame - HeaderLen + 1, 50_000, decoderSize, 1 << 20}
	type gift struct{ payload, copied []byte }
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 0))
		var want []int
		var stream []byte
		for range 20 {
			n := sizes[r.IntN(len(sizes))]
			want = append(want, n)
			payload := bytes.Repeat([]byte{byte(len(want))}, n)
			stream = appendOutput(stream, uint32(len(want)), string(payload))
		}
		var d Decoder
		var gifts []gift
		seen := 0
		for most := []int{100, 5000, 1 << 20}[seed%3]; ; {
			ok, err := d.Next()
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				if len(stream) == 0 {
					break
				}
				n := copy(d.Space(), stream[:min(len(stream), 1+r.IntN(most))])
				d.Wrote(n)
				stream = stream[n:]
				continue
			}
			seen++
			whole := bytes.Repeat([]byte{byte(seen)}, want[seen-1])
			if int(d.Header.Number) != seen || !bytes.Equal(d.Payload, whole) {
				t.Fatalf("frame %d: got header %+v and %d bytes, want %d bytes", seen, d.Header, len(d.Payload), want[seen-1])
			}
			if r.IntN(2) == 0 && d.Give() {
				gifts = append(gifts, gift{d.Payload, whole})
				if d.Give() {
					t.Error("Give has given the same memory twice")
				}
			}
		}
		if seen != len(want) || d.Buffered() != 0 {
			t.Errorf("got %d frames and %d bytes left, want %d frames and none", seen, d.Buffered(), len(want))
		}
		if len(gifts) == 0 && seed%3 == 0 {
			t.Error("Give has given no memory")
		}
		for _, g := range gifts {
			if !bytes.Equal(g.payload, g.copied) {
				t.Error("the decoder has changed memory that it gave away")
			}
			if uintptr(unsafe.Pointer(&g.payload[TaskHeaderLen]))%8 != 0 {
				t.Error("an output is not aligned to eight bytes")
			}
		}
	}
}

// TestDecoderBelieves checks how far the decoder trusts the length in a header: only up to the
// length of the largest frame so far.
func TestDecoderBelieves(t *testing.T) {
	frame := appendOutput(nil, 0, strings.Repeat("x", 3<<20))
	var d Decoder
	feed := func(b []byte) (spaces int) {
		for ; len(b) > 0; spaces++ {
			n := copy(d.Space(), b)
			d.Wrote(n)
			b = b[n:]
			d.Next()
		}
		return spaces
	}
	feed(frame)
	d.Give()
	if n := feed(frame); n > 2 {
		t.Errorf("got %d reads of a second large frame, want at most 2", n)
	}
	d.Give()
	promise := Header{Len: MaxPayload, Kind: KindOutputs}
	promise.Put(frame)
	feed(frame[:decoderSize])
	if len(d.own) > len(frame) {
		t.Errorf("got %d bytes allocated for the length in a header, want at most %d", len(d.own), len(frame))
	}
}
