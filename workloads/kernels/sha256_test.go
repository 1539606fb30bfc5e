package kernels

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// TestSHA256 checks that a task hashes its payload repeatedly, as if it were endless, if the
// payload consists of whole blocks.
func TestSHA256(t *testing.T) {
	data := make([]byte, 5*shaBlock)
	mix.Fill(data, 1)
	m := message{workloads.Task{Index: 3, Seed: 12, Steps: 13}, data} // the seed selects block 12 % 5 = 2 as the first
	sum := sha256.Sum256(bytes.Repeat(data, 4)[2*shaBlock : 15*shaBlock])
	got, err := sha(t.Context(), m)
	want := workloads.Outcome{Index: 3, Value: mix.Bits(m.Start() ^ binary.LittleEndian.Uint64(sum[:]))}
	if err != nil || got != want {
		t.Errorf("task that hashes whole blocks: got outcome %v, error %v, want outcome %v", got, err, want)
	}
}

// TestSHA256Covers checks that each byte of a payload affects the outcome, even if the size of the
// payload is not a multiple of the block size.
func TestSHA256Covers(t *testing.T) {
	for _, size := range []int{1, 63, 64, 65, 127, 200} {
		m := message{workloads.Task{Seed: 1, Steps: 10}, make([]byte, size)}
		want, _ := sha(t.Context(), m)
		for i := range m.Data {
			m.Data[i] = 1
			if got, _ := sha(t.Context(), m); got == want {
				t.Errorf("payload of %d bytes: byte %d does not affect the outcome", size, i)
			}
			m.Data[i] = 0
		}
	}
}

// TestPayload checks that each task has a different payload.
func TestPayload(t *testing.T) {
	p := workloads.Params{Seed: 1, Payload: 100}
	if bytes.Equal(payload(p, 0), payload(p, 1)) || len(payload(p, 1)) != 100 {
		t.Error("tasks 0 and 1 have the same payload")
	}
}
