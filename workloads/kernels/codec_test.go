package kernels

import (
	"bytes"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// roundTrip checks a codec with random bytes. Decoding must never panic. If bytes can be decoded,
// encoding the decoded value must give the same bytes.
func roundTrip[T any](f *testing.F, c strategies.Codec[T], seeds ...T) {
	for _, v := range seeds {
		b, _ := c.Append(nil, v)
		f.Add(b)
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, src []byte) {
		was := bytes.Clone(src)
		v, err := c.Decode(src)
		if err != nil {
			return
		}
		clear(src) // the decoded value must not refer to src
		got, err := c.Append([]byte("x"), v)
		if err != nil || !bytes.Equal(got[1:], was) {
			t.Errorf("bytes %x became %x after decoding and encoding, error %v", was, got, err)
		}
	})
}

func FuzzMessage(f *testing.F) {
	roundTrip(f, messageCodec(), message{}, message{workloads.Task{Index: 1, Seed: 2, Steps: 3}, []byte("data")})
}

func FuzzSizedTask(f *testing.F) {
	roundTrip(f, sizedCodec(), sizedTask{workloads.Task{Index: 1, Seed: 2, Steps: 3}, workloads.MinMemory})
}

func FuzzSharedTask(f *testing.F) {
	roundTrip(f, sharedCodec(), sharedTask{workloads.Task{Index: 1, Seed: 2, Steps: 3}, 4, "/tmp"})
}

func FuzzTaken(f *testing.F) {
	roundTrip(f, takenCodec(), taken{workloads.Outcome{Index: 1, Value: 2}, 3})
}
