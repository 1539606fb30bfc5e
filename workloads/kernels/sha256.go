package kernels

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/work"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/fault"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A step of sha256 hashes one block of 64 bytes. It takes about 40 ns on a processor with
// instructions for SHA-256. To start and finish a hash takes shaLead tenths of the time of a step.
// Grains are rounded to whole steps.
//
// The finest grain is 100 ns, which is one step. With the start and end of the hash, this task
// takes 1.4 times as long as its grain. Tasks with larger grains are made to take 1.4 times as long
// too, so that times are proportional to grains. A payload that is not in a cache adds 150 ns or
// more to a task.
const (
	shaBlock = 64
	shaSteps = 4 // number of steps that take shaNanos
	shaNanos = 115
	shaLead  = 26 // time to start and finish a hash, in tenths of a step
)

// newSHA256 returns the workload sha256. Its tasks hash their payload, several times if needed.
// Grain and payload are independent: the grain determines the number of blocks that a task hashes.
// These blocks may be only a part of a large payload.
func newSHA256() workloads.Workload {
	w := workloads.Workload{
		Name:     "sha256",
		Doc:      "hashes its payload until the grain is reached: computes on data that the worker receives with the task",
		Uses:     "allocates nothing; reads its payload from the cache level or memory that holds it",
		Grains:   true,
		Payloads: true,
		Codecs:   []string{workloads.Reference},
	}
	own := strategies.Kernel[message, workloads.Outcome]{Func: sha, In: messageCodec(), Out: workloads.OutcomeCodec()}
	placed := own
	placed.Name, placed.In = w.Name+"."+workloads.Reference, placedCodec()
	w.Others = []work.Callable{placed}
	return workloads.Define(w, own, func(p workloads.Params) (t workloads.Typed[message, workloads.Outcome], err error) {
		shape, _ := w.Shape(p.Shape)
		data := func(i int) []byte { return payload(p, i) }
		if shape.Inputs == fault.Before { // the load keeps no payloads that are made during the job, because they may exceed the memory
			data = workloads.Turns(workloads.Distinct(p.Payload), data)
		}
		if p.Codec == workloads.Reference {
			t.Kernel = placed
		}
		t.Input = func(i, grain int) message { return message{p.Task(i, shaCount(grain)), data(i)} }
		t.Number = workloads.Outcome.Number
		t.Move = func(m message, to func([]byte) []byte) message {
			m.Data = to(m.Data)
			return m
		}
		return t, nil
	})
}

// payload returns p.Payload pseudo-random bytes for task i.
func payload(p workloads.Params, i int) []byte {
	b := make([]byte, p.Payload)
	mix.Fill(b, mix.Bits(p.Seed)+uint64(i))
	return b
}

// shaCount returns the number of blocks that a task with the given grain hashes.
func shaCount(grain int) uint64 {
	tenths := uint64(grain) * shaSteps * 10 / shaNanos
	return (max(tenths, shaLead+5) - shaLead + 5) / 10
}

// sha hashes m.Steps blocks of the payload, beginning with a block that the seed of the task
// selects. After the last block it continues with the first. If the payload is shorter than a
// block, sha extends it to one block, which ends with the seed.
func sha(ctx context.Context, m message) (workloads.Outcome, error) {
	const stride = 1 << 15 // number of steps between two checks of the context, about a millisecond
	var short [shaBlock]byte
	data := m.Data
	if len(data) < shaBlock {
		binary.LittleEndian.PutUint64(short[shaBlock-8:], m.Start())
		copy(short[:], data) // may overwrite part of the seed
		data = short[:]
	}
	blocks := uint64((len(data) + shaBlock - 1) / shaBlock)
	at := uint64(m.Seed) % blocks
	h := sha256.New()
	for step := range m.Steps {
		// If the payload is not a multiple of the block size, the last block overlaps the previous
		// block.
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
