package workloads

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A Task is the input of a kernel, or the first part of a larger input. An encoded Task has 16
// bytes.
type Task struct {
	Index uint32 // task number in its job; the outcome repeats it
	Seed  uint32 // differs from task to task
	Steps uint64 // amount of work, in a unit that the kernel defines
}

// Task returns task i of a job with parameters p. The amount of its work is steps.
func (p Params) Task(i int, steps uint64) Task {
	return Task{Index: uint32(i), Seed: uint32(mix.Bits(p.Seed + uint64(i)*mix.Odd)), Steps: steps}
}

// Start returns the number with which the computation of the task starts. It depends on the task's
// seed.
func (t Task) Start() uint64 { return uint64(t.Seed)<<32 | uint64(t.Index) }

// Head returns t. Input types that embed a Task have this method.
func (t Task) Head() Task { return t }

// An Outcome is the output of a kernel, or the first part of a larger output. An encoded Outcome
// has 12 bytes.
type Outcome struct {
	Index uint32 // task number
	Value uint64 // value that depends on all work of the task
}

// Number returns the task number and the value of o. It has the signature of the field Number of
// [Typed].
func (o Outcome) Number() (index int, value uint64) { return int(o.Index), o.Value }

// A Timed is an [Outcome] with the running time of its task in ns. Digests ignore the time, which
// differs from job to job.
type Timed struct {
	Outcome
	Nanos uint64
}

// Time returns a function that calls f, and adds the running time of the call to the outcome.
func Time[In any](f func(context.Context, In) (Outcome, error)) func(context.Context, In) (Timed, error) {
	return func(ctx context.Context, in In) (Timed, error) {
		began := time.Now()
		o, err := f(ctx, in)
		return Timed{o, uint64(time.Since(began))}, err
	}
}

// ServiceUnit is the unit of the mean running time of a task: ns from its start to its end.
const ServiceUnit = "service-ns"

// Service returns the mean running time of the tasks of a job, keyed by [ServiceUnit]. It has the
// signature of the field Look of [Typed].
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

// TaskCodec returns the codec of a Task.
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

// InputCodec returns the codec for inputs that consist of a Task and further bytes. The number of
// further bytes must be from least to most. The function more appends them to dst, and decode makes
// an input from the Task and the further bytes. The errors of the codec call the input by the given
// name.
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

// OutcomeCodec returns the codec of an Outcome.
func OutcomeCodec() strategies.Codec[Outcome] {
	return strategies.Codec[Outcome]{
		Append: func(dst []byte, o Outcome) ([]byte, error) { return appendOutcome(dst, o), nil },
		Decode: func(src []byte) (Outcome, error) { return cutOutcome(src, 0) },
	}
}

// OutputCodec returns the codec for outputs that consist of an Outcome and further bytes. The
// number of further bytes is size. The function more appends them to dst, and decode makes an
// output from the Outcome and the further bytes.
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

// TimedCodec returns the codec of a [Timed]. An encoded Timed has 20 bytes.
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

// cutTask decodes a Task from the first taskSize bytes of src. The slice src must have at least
// that many bytes.
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

// cutOutcome decodes an Outcome from the first outcomeSize bytes of src. It returns an error if the
// number of bytes that follow differs from more.
func cutOutcome(src []byte, more int) (Outcome, error) {
	if len(src) != outcomeSize+more {
		return Outcome{}, sizeError("outcome", len(src), outcomeSize+more, outcomeSize+more)
	}
	return Outcome{Index: binary.LittleEndian.Uint32(src), Value: binary.LittleEndian.Uint64(src[4:])}, nil
}

func sizeError(what string, size, least, most int) error {
	if least == most {
		return fmt.Errorf("encoded %s has %d bytes, must have %d", what, size, least)
	}
	return fmt.Errorf("encoded %s has %d bytes, must have %d to %d", what, size, least, most)
}
