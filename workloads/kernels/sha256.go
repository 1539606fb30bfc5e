package kernels

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/fault"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A sha256 step hashes one block of 64 bytes. Where the processor has instructions for
// it, it takes about 40 ns; starting and finishing a hash takes as long as shaLead tenths of a
// step. Grains are rounded to whole steps: the finest is 100 ns, one step, which with start
// and end is 1.4 times as long; so are all, to be proportional. Payloads that the caches
// do not hold add what it takes to fetch them, 150 ns and more for a task.
const (
	shaBlock = 64
	shaSteps = 4 // in shaNanos
	shaNanos = 115
	shaLead  = 26 // tenths
)

// SHA256 is hashing a buffer round and round: computing on data that travels. Grain and
// payload are independent: a task hashes a counted number of blocks, all over its
// payload in turn, or only some of them where the payload is larger than the work.
func SHA256() workloads.Workload {
	w := workloads.Workload{
		Name:     "sha256",
		Doc:      "hashes its payload round and round for a counted number of blocks: computing on data that travels",
		Uses:     "allocates nothing; its payload, wherever that is",
		Grains:   true,
		Payloads: true,
	}
	return defined(w, messageCodec(), sha, func(p workloads.Params) (func(i, grain int) message, error) {
		shape, err := w.Shape(p.Shape)
		data := func(i int) []byte { return payload(p, i) }
		if shape.Inputs == fault.Before { // others are not kept, or they would not be large
			data = workloads.Turns(workloads.Distinct(p.Payload), data)
		}
		return func(i, grain int) message { return message{p.Task(i, shaCount(grain)), data(i)} }, err
	})
}

// payload returns the payload of task i.
func payload(p workloads.Params, i int) []byte {
	b := make([]byte, p.Payload)
	mix.Fill(b, mix.Bits(p.Seed)+uint64(i))
	return b
}

func shaCount(grain int) uint64 {
	tenths := uint64(grain) * shaSteps * 10 / shaNanos
	return (max(tenths, shaLead+5) - shaLead + 5) / 10
}

// sha hashes t.Steps blocks of the payload, beginning at one that the seed picks and
// going round. A payload shorter than a block is filled up to one, which ends in the seed.
func sha(ctx context.Context, m message) (workloads.Outcome, error) {
	const stride = 1 << 15 // about a millisecond between looks at the context
	var short [shaBlock]byte
	data := m.Data
	if len(data) < shaBlock {
		binary.LittleEndian.PutUint64(short[shaBlock-8:], m.Start())
		copy(short[:], data) // over a part of the seed, if it is as long
		data = short[:]
	}
	blocks := uint64((len(data) + shaBlock - 1) / shaBlock)
	at := uint64(m.Seed) % blocks
	h := sha256.New()
	for step := range m.Steps {
		// The last block of a payload that is not whole blocks overlaps the one before.
		lo := min(int(at)*shaBlock, len(data)-shaBlock)
		h.Write(data[lo : lo+shaBlock])
		if at++; at == blocks {
			at = 0
		}
		if step%stride == stride-1 && ctx.Err() != nil {
			return workloads.Outcome{}, ctx.Err()
		}
	}
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return workloads.Outcome{Index: m.Index, Value: mix.Bits(m.Start() ^ binary.LittleEndian.Uint64(sum[:]))}, nil
}
