package workloads

import (
	"context"
	"encoding/binary"
	"errors"
	"runtime/trace"
	"sync"

	"github.com/payoff-bench/payoff/strategies"
)

// This file makes kernels that stamp their stages. The kernel of a launch and that of a worker process
// have the same name and encodings: the mark of the task precedes each input, and the same mark
// precedes each output. If the task is chosen, the stamps of the worker follow the mark in the output.
//
// If the process records an execution trace, the kernels also mark the stages of all tasks in it, as
// regions. Without a trace, a region costs a few ns.

// JobRegion is the name of the region of a trace that contains one job. The names of the other regions
// are those of stages.
const JobRegion = "job"

func region(name string) *trace.Region { return trace.StartRegion(context.Background(), name) }

// instant marks the present time in the trace of this process, if it records one.
func instant(name string) {
	if trace.IsEnabled() {
		trace.Log(context.Background(), name, "")
	}
}

const (
	markLen   = 4
	stampsLen = 8 * workerStamps
)

var (
	errShort = errors.New("the encoded value is too short to contain its stamps")
	errMark  = errors.New("the encoded output has the mark of no task of the job")
)

// stagedName returns the name of the variant of a kernel that records stages. Worker processes know
// this variant by this name.
func stagedName(kernel string) string { return kernel + "+stages" }

// staged returns the kernel of a worker process for jobs whose stages are recorded. A worker process
// runs one task at a time, and decodes, runs and encodes it without another task in between.
func staged[In, Out any](k strategies.Kernel[In, Out]) strategies.Kernel[In, Out] {
	clock := sync.OnceValue(newClock)
	var m mark
	var at [stampCount]int64
	stamp := func(i int) {
		if m&chosen != 0 {
			at[i] = clock().now()
		}
	}
	apply := k.Func
	k.Name = stagedName(k.Name)
	k.Func = func(ctx context.Context, in In) (Out, error) {
		r := region("execute")
		stamp(stampBegin)
		out, err := apply(ctx, in)
		stamp(stampEnd)
		r.End()
		return out, err
	}
	decoding := func(decode func([]byte) (In, error)) func([]byte) (In, error) {
		if decode == nil {
			return nil
		}
		return func(src []byte) (in In, err error) {
			if len(src) < markLen {
				return in, errShort
			}
			m = mark(binary.LittleEndian.Uint32(src))
			stamp(stampDecodeBegin)
			in, err = decode(src[markLen:])
			stamp(stampDecodeEnd)
			return in, err
		}
	}
	k.In.Decode, k.In.Adopt = decoding(k.In.Decode), decoding(k.In.Adopt)
	begin := func(dst []byte) []byte {
		stamp(stampEncodeBegin)
		dst = binary.LittleEndian.AppendUint32(dst, uint32(m))
		if m&chosen != 0 {
			dst = append(dst, make([]byte, stampsLen)...)
		}
		return dst
	}
	end := func(b []byte, from int) {
		if stamp(stampEncodeEnd); m&chosen != 0 {
			for i, v := range at[inWorker:][:workerStamps] {
				binary.LittleEndian.PutUint64(b[from+markLen+8*i:], uint64(v))
			}
		}
	}
	if encode := k.Out.Append; encode != nil {
		k.Out.Append = func(dst []byte, v Out) ([]byte, error) {
			b, err := encode(begin(dst), v)
			if err == nil {
				end(b, len(dst))
			}
			return b, err
		}
	}
	if lend := k.Out.Lend; lend != nil {
		k.Out.Lend = func(dst []byte, v Out) (head, rest []byte) {
			head, rest = lend(begin(dst), v)
			end(head, len(dst))
			return head, rest
		}
	}
	return k
}

// marking returns the kernel with which the process of the load runs a job whose stages are recorded
// in s. Its inputs and outputs are marks: it takes the inputs of the kernel from the load, and stores
// the outputs there. If the workers are processes, it only encodes inputs and decodes outputs.
func (l *load[In, Out]) marking(s *staging) (k strategies.Kernel[mark, mark]) {
	own, in, outs := l.Kernel, l.in, l.last.out
	k.Name, k.Errors = stagedName(own.Name), own.Errors
	k.Func = func(ctx context.Context, m mark) (mark, error) {
		r := region("execute")
		s.stamp(m, stampBegin)
		out, err := own.Func(ctx, in[m.task()])
		s.stamp(m, stampEnd)
		r.End()
		outs[m.task()] = out
		return m, err
	}
	if own.Key != nil {
		k.Key = func(m mark) uint64 { return own.Key(in[m.task()]) }
	}
	if own.Begin != nil {
		k.Begin = func(ctx context.Context, m mark, ev strategies.Events, done func(mark, error)) {
			s.stamp(m, stampBegin)
			own.Begin(ctx, in[m.task()], ev, func(out Out, err error) {
				s.stamp(m, stampEnd)
				outs[m.task()] = out
				done(m, err)
			})
		}
	}
	begin := func(dst []byte, m mark) []byte {
		s.stamp(m, stampAppendBegin)
		return binary.LittleEndian.AppendUint32(dst, uint32(m))
	}
	if own.In.Append != nil {
		k.In.Append = func(dst []byte, m mark) ([]byte, error) {
			r := region("encode")
			b, err := own.In.Append(begin(dst, m), in[m.task()])
			s.stamp(m, stampAppendEnd)
			r.End()
			return b, err
		}
	}
	if own.In.Lend != nil {
		k.In.Lend = func(dst []byte, m mark) (head, rest []byte) {
			r := region("encode")
			head, rest = own.In.Lend(begin(dst, m), in[m.task()])
			s.stamp(m, stampAppendEnd)
			r.End()
			return head, rest
		}
	}
	k.Out.Decode = marked(s, outs, own.Out.Decode)
	k.Out.Adopt = marked(s, outs, own.Out.Adopt)
	return k
}

// marked returns a function that reads a mark, and for a chosen task the stamps of its worker. It
// stores the output, which the function decode reads, in outs.
func marked[Out any](s *staging, outs []Out, decode func([]byte) (Out, error)) func([]byte) (mark, error) {
	if decode == nil {
		return nil
	}
	return func(src []byte) (m mark, err error) {
		if len(src) < markLen {
			return m, errShort
		}
		defer region("decode-back").End()
		m, src = mark(binary.LittleEndian.Uint32(src)), src[markLen:]
		switch i := m.task(); {
		case i >= len(s.marks) || s.marks[i] != m:
			return m, errMark
		case m&chosen == 0:
			outs[i], err = decode(src)
			return m, err
		case len(src) < stampsLen:
			return m, errShort
		}
		r := s.record(m)
		r[stampOutputBegin] = s.now()
		outs[m.task()], err = decode(src[stampsLen:])
		r[stampOutputEnd] = s.now()
		for i := range workerStamps {
			r[inWorker+i] = int64(binary.LittleEndian.Uint64(src[8*i:]))
		}
		s.arrived(m)
		return m, err
	}
}
