package codec_test

import (
	"io"
	"strconv"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
)

func BenchmarkTrip(b *testing.B) {
	for _, name := range codec.Names() {
		for _, s := range shapes {
			if s.takes(name) {
				b.Run("codec="+name+"/shape="+s.name(), func(b *testing.B) { s.bench(b, name) })
			}
		}
	}
}

// bench measures the cost of the codec with the given name, without any waiting. It encodes a
// value, puts it into a frame, copies the frame through memory, takes the value out of the copy and
// decodes it.
func (s of[T]) bench(b *testing.B, name string) {
	c, err := codec.For[T](name)
	if err != nil {
		b.Fatal(err)
	}
	values := s.values[1:]
	if s.large != nil {
		values = append(values[:len(values):len(values)], s.large(1, 1<<20))
	}
	for _, v := range values {
		size, _ := c.Append(nil, v)
		b.Run("bytes="+strconv.Itoa(len(size)), func(b *testing.B) {
			b.SetBytes(int64(len(size)))
			b.ReportAllocs()
			l := new(line[T])
			for b.Loop() {
				if _, err := l.trip(c, v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A line takes the place of a transport: it copies values through memory of this process.
type line[T any] struct {
	memory  [256 << 10]byte
	frame   []byte
	decoder wire.Decoder
}

func (l *line[T]) trip(c strategies.Codec[T], v T) (got T, err error) {
	b, err := c.Append(append(l.frame[:0], make([]byte, wire.HeaderLen)...), v)
	if err != nil {
		return got, err
	}
	l.frame = b
	wire.Header{Len: uint32(len(b) - wire.HeaderLen), Kind: wire.KindOutputs}.Put(b)
	for {
		ok, err := l.decoder.Next()
		if err != nil {
			return got, err
		}
		if ok {
			return c.Decode(l.decoder.Payload)
		}
		space := l.decoder.Space()
		n := copy(l.memory[:min(len(space), len(l.memory))], b)
		if n == 0 {
			return got, io.ErrUnexpectedEOF
		}
		b = b[n:]
		l.decoder.Wrote(copy(space, l.memory[:n]))
	}
}

// TestAllocations checks how many allocations it takes to encode and decode 16 bytes, with the
// frame around them.
func TestAllocations(t *testing.T) {
	for _, test := range []struct {
		name string
		most float64
	}{{"raw", 0}, {"cbor", 2}} {
		c, err := codec.For[pair](test.name)
		if err != nil {
			t.Fatal(err)
		}
		l := new(line[pair])
		v := newPair()
		if n := testing.AllocsPerRun(100, func() {
			if got, err := l.trip(c, v); err != nil || got != v {
				t.Fatal(got, err)
			}
		}); n > test.most && !raceEnabled {
			t.Errorf("%s: got %v allocations, want at most %v", test.name, n, test.most)
		}
	}
}
