package workloads

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A Task is the head of the inputs of most kernels, 16 bytes when encoded, and for some of
// them all of it.
type Task struct {
	Index uint32 // in its job: outcomes carry it back
	Seed  uint32 // what sets the task apart from others
	Steps uint64 // how much to do, in the kernel's unit
}

// Task returns task i of the job that p is for.
func (p Params) Task(i int, steps uint64) Task {
	return Task{Index: uint32(i), Seed: uint32(mix.Bits(p.Seed + uint64(i)*mix.Odd)), Steps: steps}
}

// Start returns a state to begin t's work from.
func (t Task) Start() uint64 { return uint64(t.Seed)<<32 | uint64(t.Index) }

// Head returns t, also for inputs that embed it.
func (t Task) Head() Task { return t }

// An Outcome is what most kernels return, 12 bytes when encoded.
type Outcome struct {
	Index uint32 // the task's
	Value uint64 // what only the whole work yields
}

// Number is [Typed.Number] of an Outcome.
func (o Outcome) Number() (index int, value uint64) { return int(o.Index), o.Value }

// A Timed is an Outcome with how long the task took where it ran, which is not digested.
type Timed struct {
	Outcome
	Nanos uint64
}

// Time returns f with a clock.
func Time[In any](f func(context.Context, In) (Outcome, error)) func(context.Context, In) (Timed, error) {
	return func(ctx context.Context, in In) (Timed, error) {
		began := time.Now()
		o, err := f(ctx, in)
		return Timed{o, uint64(time.Since(began))}, err
	}
}

// ServiceUnit is the unit of how long a task took from its own start to its end, on average
// over a job: what the tasks of a job that runs many at once take each.
const ServiceUnit = "service-ns"

// Service is [Typed.Look] of tasks that are timed.
func Service(out []Timed) (map[string]float64, error) {
	var sum uint64
	for _, t := range out {
		sum += t.Nanos
	}
	return map[string]float64{ServiceUnit: float64(sum) / float64(len(out))}, nil
}

const (
	taskSize    = 16
	outcomeSize = 12
)

// TaskCodec is that of inputs that are a Task and nothing else.
func TaskCodec() strategies.Codec[Task] {
	return strategies.Codec[Task]{
		Append: func(dst []byte, t Task) ([]byte, error) { return appendTask(dst, t), nil },
		Decode: func(src []byte) (Task, error) {
			if len(src) != taskSize {
				return Task{}, sizeError("task", len(src), taskSize, taskSize)
			}
			return cutTask(src), nil
		},
	}
}

// InputCodec is that of inputs that begin with a Task. They go on with least to most bytes:
// more appends and decode reads these. Errors call such an input by its name.
func InputCodec[In interface{ Head() Task }](name string, least, most int, more func(dst []byte, in In) []byte, decode func(head Task, rest []byte) (In, error)) strategies.Codec[In] {
	return strategies.Codec[In]{
		Append: func(dst []byte, in In) ([]byte, error) { return more(appendTask(dst, in.Head()), in), nil },
		Decode: func(src []byte) (in In, err error) {
			if len(src) < taskSize+least || len(src) > taskSize+most {
				return in, sizeError(name, len(src), taskSize+least, taskSize+most)
			}
			return decode(cutTask(src), src[taskSize:])
		},
	}
}

// OutcomeCodec is that of an Outcome.
func OutcomeCodec() strategies.Codec[Outcome] {
	return strategies.Codec[Outcome]{
		Append: func(dst []byte, o Outcome) ([]byte, error) { return appendOutcome(dst, o), nil },
		Decode: func(src []byte) (Outcome, error) { return cutOutcome(src, 0) },
	}
}

// OutputCodec is that of outputs that begin with an Outcome and go on with size bytes: more
// appends and decode reads these.
func OutputCodec[Out interface{ Number() (int, uint64) }](size int, more func(dst []byte, out Out) []byte, decode func(o Outcome, rest []byte) Out) strategies.Codec[Out] {
	return strategies.Codec[Out]{
		Append: func(dst []byte, out Out) ([]byte, error) {
			i, v := out.Number()
			return more(appendOutcome(dst, Outcome{uint32(i), v}), out), nil
		},
		Decode: func(src []byte) (out Out, err error) {
			o, err := cutOutcome(src, size)
			if err != nil {
				return out, err
			}
			return decode(o, src[outcomeSize:]), nil
		},
	}
}

// TimedCodec is that of a Timed, 20 bytes when encoded.
func TimedCodec() strategies.Codec[Timed] {
	return OutputCodec(8,
		func(dst []byte, t Timed) []byte { return binary.LittleEndian.AppendUint64(dst, t.Nanos) },
		func(o Outcome, rest []byte) Timed { return Timed{o, binary.LittleEndian.Uint64(rest)} })
}

func appendTask(dst []byte, t Task) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, t.Index)
	dst = binary.LittleEndian.AppendUint32(dst, t.Seed)
	return binary.LittleEndian.AppendUint64(dst, t.Steps)
}

// cutTask decodes the head of src, which is long enough.
func cutTask(src []byte) Task {
	return Task{
		Index: binary.LittleEndian.Uint32(src),
		Seed:  binary.LittleEndian.Uint32(src[4:]),
		Steps: binary.LittleEndian.Uint64(src[8:]),
	}
}

func appendOutcome(dst []byte, o Outcome) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, o.Index)
	return binary.LittleEndian.AppendUint64(dst, o.Value)
}

// cutOutcome decodes the head of src, which has so many bytes more.
func cutOutcome(src []byte, more int) (Outcome, error) {
	if len(src) != outcomeSize+more {
		return Outcome{}, sizeError("outcome", len(src), outcomeSize+more, outcomeSize+more)
	}
	return Outcome{Index: binary.LittleEndian.Uint32(src), Value: binary.LittleEndian.Uint64(src[4:])}, nil
}

func sizeError(what string, size, least, most int) error {
	if least == most {
		return fmt.Errorf("%s of %d bytes: must be %d", what, size, least)
	}
	return fmt.Errorf("%s of %d bytes: must be %d to %d", what, size, least, most)
}
