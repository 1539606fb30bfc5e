package workloads

import (
	"encoding/binary"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
)

// A Task is the head of every input, 16 bytes when encoded, and for some kernels all of
// it.
type Task struct {
	Index uint32 // in its job: outcomes carry it back
	Seed  uint32 // what sets the task apart from others
	Steps uint64 // how much to do, in the kernel's unit
}

const taskSize = 16

// An Outcome is what the kernels here return, 12 bytes when encoded.
type Outcome struct {
	Index uint32 // the task's
	Value uint64 // what only the whole work yields
}

const outcomeSize = 12

// task returns task i of the job that seed names.
func task(seed uint64, i int, steps uint64) Task {
	return Task{Index: uint32(i), Seed: uint32(mix(seed + uint64(i)*odd)), Steps: steps}
}

// start is a state to begin t's work from.
func (t Task) start() uint64 { return uint64(t.Seed)<<32 | uint64(t.Index) }

// odd is 2⁶⁴ over the golden ratio: multiples of it are spread evenly.
const odd = 0x9e3779b97f4a7c15

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection in which
// each bit of x moves half of the bits of the result.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// taskCodec and outcomeCodec are the fixed sizes in little endian.

func taskCodec() strategies.Codec[Task] {
	return strategies.Codec[Task]{Append: appendTask, Decode: decodeTask}
}

func outcomeCodec() strategies.Codec[Outcome] {
	return strategies.Codec[Outcome]{Append: appendOutcome, Decode: decodeOutcome}
}

func appendTask(dst []byte, t Task) ([]byte, error) {
	dst = binary.LittleEndian.AppendUint32(dst, t.Index)
	dst = binary.LittleEndian.AppendUint32(dst, t.Seed)
	return binary.LittleEndian.AppendUint64(dst, t.Steps), nil
}

func decodeTask(src []byte) (Task, error) {
	if len(src) != taskSize {
		return Task{}, fmt.Errorf("task of %d bytes: must be %d", len(src), taskSize)
	}
	t, _ := cutTask(src)
	return t, nil
}

// cutTask decodes the head of src, which is long enough, and returns what follows.
func cutTask(src []byte) (Task, []byte) {
	return Task{
		Index: binary.LittleEndian.Uint32(src),
		Seed:  binary.LittleEndian.Uint32(src[4:]),
		Steps: binary.LittleEndian.Uint64(src[8:]),
	}, src[taskSize:]
}

func appendOutcome(dst []byte, o Outcome) ([]byte, error) {
	dst = binary.LittleEndian.AppendUint32(dst, o.Index)
	return binary.LittleEndian.AppendUint64(dst, o.Value), nil
}

func decodeOutcome(src []byte) (Outcome, error) {
	if len(src) != outcomeSize {
		return Outcome{}, fmt.Errorf("outcome of %d bytes: must be %d", len(src), outcomeSize)
	}
	return Outcome{Index: binary.LittleEndian.Uint32(src), Value: binary.LittleEndian.Uint64(src[4:])}, nil
}

// number is what a [Typed] asks of an Outcome.
func number(o Outcome) (index int, value uint64) { return int(o.Index), o.Value }
