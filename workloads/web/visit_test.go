package web

import (
	"bytes"
	"testing"

	"github.com/payoff-bench/payoff/workloads"
)

// FuzzVisit checks that decoding never panics, and that encoding a decoded value gives the same
// bytes.
func FuzzVisit(f *testing.F) {
	c := visitCodec()
	seed, _ := c.Append(nil, visit{workloads.Task{Index: 1, Seed: 2, Steps: 3}, 4, "127.0.0.1:80"})
	f.Add(seed)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, src []byte) {
		v, err := c.Decode(src)
		if err != nil {
			return
		}
		if got, err := c.Append(nil, v); err != nil || !bytes.Equal(got, src) {
			t.Errorf("bytes %x became %x after decoding and encoding, error %v", src, got, err)
		}
	})
}
