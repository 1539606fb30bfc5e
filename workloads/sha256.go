package workloads

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
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
func SHA256() Workload {
	k := strategies.Kernel[Message, Outcome]{
		Name: "sha256",
		Func: sha,
		In:   strategies.Codec[Message]{Append: appendMessage, Decode: decodeMessage},
		Out:  outcomeCodec(),
	}
	w := Workload{
		Name:     "sha256",
		Doc:      "hashes its payload round and round for a counted number of blocks: computing on data that travels",
		Uses:     "allocates nothing; its payload, wherever that is",
		Grains:   true,
		Payloads: true,
		Kernel:   k,
	}
	w.New = func(p Params) (Load, error) {
		if err := w.Check(p); err != nil {
			return nil, err
		}
		data := payloads(p.Seed, p.Payload)
		if s, _ := w.Shape(p.Shape); s.Large != Small { // nor kept, or they would not be large
			data = func(i int) []byte {
				b := make([]byte, p.Payload)
				fill(b, mix(p.Seed)+uint64(i))
				return b
			}
		}
		return &Typed[Message, Outcome]{
			Kernel: k,
			Params: p,
			Input:  func(i, grain int) Message { return Message{task(p.Seed, i, shaCount(grain)), data(i)} },
			Number: number,
		}, nil
	}
	return w
}

func shaCount(grain int) uint64 {
	tenths := uint64(grain) * shaSteps * 10 / shaNanos
	return (max(tenths, shaLead+5) - shaLead + 5) / 10
}

// sha hashes t.Steps blocks of the payload, beginning at one that the seed picks and
// going round. A payload shorter than a block is filled up to one, which ends in the seed.
func sha(ctx context.Context, m Message) (Outcome, error) {
	const stride = 1 << 15 // about a millisecond between looks at the context
	var short [shaBlock]byte
	data := m.Data
	if len(data) < shaBlock {
		binary.LittleEndian.PutUint64(short[shaBlock-8:], m.start())
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
			return Outcome{}, ctx.Err()
		}
	}
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return Outcome{Index: m.Index, Value: mix(m.start() ^ binary.LittleEndian.Uint64(sum[:]))}, nil
}

// A Message is a task with data that travels.
type Message struct {
	Task
	Data []byte // not changed by the kernel
}

func appendMessage(dst []byte, m Message) ([]byte, error) {
	dst, _ = appendTask(dst, m.Task)
	return append(dst, m.Data...), nil
}

func decodeMessage(src []byte) (Message, error) {
	if len(src) < taskSize || len(src) > taskSize+MaxPayload {
		return Message{}, fmt.Errorf("message of %d bytes: must be %d to %d", len(src), taskSize, taskSize+MaxPayload)
	}
	t, rest := cutTask(src)
	if len(rest) == 0 {
		return Message{Task: t}, nil
	}
	return Message{t, append([]byte(nil), rest...)}, nil
}

// payloads returns the payload of task i. Tasks share payloads where one for each
// would take more than 64 MiB, which is more than caches hold.
func payloads(seed uint64, size int) func(i int) []byte {
	if size == 0 {
		return func(int) []byte { return nil }
	}
	const most = 64 << 20
	var made [][]byte
	slots := max(1, most/size)
	return func(i int) []byte {
		for len(made) <= i%slots {
			b := make([]byte, size)
			fill(b, mix(seed)+uint64(len(made)))
			made = append(made, b)
		}
		return made[i%slots]
	}
}

// fill makes b the pseudo-random bytes (SplitMix64) that seed names.
func fill(b []byte, seed uint64) {
	x := mix(seed)
	for ; len(b) >= 8; b = b[8:] {
		x += odd
		binary.LittleEndian.PutUint64(b, mix(x))
	}
	for i := range b {
		x += odd
		b[i] = byte(mix(x))
	}
}
