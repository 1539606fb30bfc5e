package workloads

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"

	"github.com/payoff-bench/payoff/strategies"
)

// This file makes kernels that stamp their stages. The kernel of a launch and that of a worker process
// have the same name and encodings: a number precedes each input, and the same number precedes each
// output. If the task was chosen, the number is the index of its record, and the stamps of the worker
// follow it in the output. Otherwise the number is none.

const (
	numberLen = 4
	stampsLen = 8 * workerStamps
)

var errShort = errors.New("the encoded value is too short to contain its stamps")

// stagedName returns the name of the variant of a kernel that records stages. Worker processes know
// this variant by this name.
func stagedName(kernel string) string { return kernel + "+stages" }

// staged returns the kernel of a worker process for jobs whose stages are recorded. A worker process
// runs one task at a time, and decodes, runs and encodes it without another task in between.
func staged[In, Out any](k strategies.Kernel[In, Out]) strategies.Kernel[In, Out] {
	clock := sync.OnceValue(newClock)
	var number uint32
	var at [stampCount]int64
	stamp := func(i int) {
		if number != none {
			at[i] = clock().now()
		}
	}
	apply := k.Func
	k.Name = stagedName(k.Name)
	k.Func = func(ctx context.Context, in In) (Out, error) {
		stamp(stampBegin)
		out, err := apply(ctx, in)
		stamp(stampEnd)
		return out, err
	}
	decoding := func(decode func([]byte) (In, error)) func([]byte) (In, error) {
		if decode == nil {
			return nil
		}
		return func(src []byte) (in In, err error) {
			if len(src) < numberLen {
				return in, errShort
			}
			number = binary.LittleEndian.Uint32(src)
			stamp(stampDecodeBegin)
			in, err = decode(src[numberLen:])
			stamp(stampDecodeEnd)
			return in, err
		}
	}
	k.In.Decode, k.In.Adopt = decoding(k.In.Decode), decoding(k.In.Adopt)
	begin := func(dst []byte) []byte {
		stamp(stampEncodeBegin)
		dst = binary.LittleEndian.AppendUint32(dst, number)
		if number != none {
			dst = append(dst, make([]byte, stampsLen)...)
		}
		return dst
	}
	end := func(b []byte, from int) {
		if stamp(stampEncodeEnd); number != none {
			for i, v := range at[inWorker:][:workerStamps] {
				binary.LittleEndian.PutUint64(b[from+numberLen+8*i:], uint64(v))
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

// stagedHere returns the kernel with which the process of the load runs a job whose stages are
// recorded in s. If the workers are processes, it only encodes inputs and decodes outputs.
func stagedHere[In, Out any](k strategies.Kernel[In, Out], index func(Out) (int, uint64), s *staging) strategies.Kernel[In, Out] {
	apply, start := k.Func, k.Begin
	k.Name = stagedName(k.Name)
	k.Func = func(ctx context.Context, in In) (Out, error) {
		id, ok := s.choose()
		if !ok {
			return apply(ctx, in)
		}
		begin := s.now()
		out, err := apply(ctx, in)
		s.ran(id, begin, err, func() int { i, _ := index(out); return i })
		return out, err
	}
	if start != nil {
		k.Begin = func(ctx context.Context, in In, ev strategies.Events, done func(Out, error)) {
			id, ok := s.choose()
			if !ok {
				start(ctx, in, ev, done)
				return
			}
			begin := s.now()
			start(ctx, in, ev, func(out Out, err error) {
				s.ran(id, begin, err, func() int { i, _ := index(out); return i })
				done(out, err)
			})
		}
	}
	encoding := func(dst []byte) (b []byte, id uint32, chosen bool) {
		if id, chosen = s.choose(); chosen {
			s.all[id][stampAppendBegin] = s.now()
		}
		return binary.LittleEndian.AppendUint32(dst, id), id, chosen
	}
	if encode := k.In.Append; encode != nil {
		k.In.Append = func(dst []byte, v In) ([]byte, error) {
			dst, id, chosen := encoding(dst)
			b, err := encode(dst, v)
			if chosen {
				s.all[id][stampAppendEnd] = s.now()
			}
			return b, err
		}
	}
	if lend := k.In.Lend; lend != nil {
		k.In.Lend = func(dst []byte, v In) (head, rest []byte) {
			dst, id, chosen := encoding(dst)
			head, rest = lend(dst, v)
			if chosen {
				s.all[id][stampAppendEnd] = s.now()
			}
			return head, rest
		}
	}
	decoding := func(decode func([]byte) (Out, error)) func([]byte) (Out, error) {
		if decode == nil {
			return nil
		}
		return func(src []byte) (out Out, err error) {
			if len(src) < numberLen {
				return out, errShort
			}
			id := binary.LittleEndian.Uint32(src)
			if id == none {
				return decode(src[numberLen:])
			}
			if len(src) < numberLen+stampsLen || int64(id) >= int64(len(s.all)) {
				return out, errShort
			}
			r := &s.all[id]
			r[stampOutputBegin] = s.now()
			out, err = decode(src[numberLen+stampsLen:])
			r[stampOutputEnd] = s.now()
			for i := range workerStamps {
				r[inWorker+i] = int64(binary.LittleEndian.Uint64(src[numberLen+8*i:]))
			}
			if err == nil {
				i, _ := index(out)
				s.finished(id, i, true)
			}
			return out, err
		}
	}
	k.Out.Decode, k.Out.Adopt = decoding(k.Out.Decode), decoding(k.Out.Adopt)
	return k
}

// ran records the begin and the end of a task that ran in this process.
func (s *staging) ran(id uint32, begin int64, err error, task func() int) {
	s.all[id][stampBegin], s.all[id][stampEnd] = begin, s.now()
	if err == nil {
		s.finished(id, task(), false)
	}
}
