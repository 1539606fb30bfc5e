package workloads

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
)

// A Sized is a task on so much memory, which does not travel but is made where the task
// runs, once in each process.
type Sized struct {
	Task
	Memory uint64 // bytes
}

const sizedSize = taskSize + 8

func sizedCodec() strategies.Codec[Sized] {
	return strategies.Codec[Sized]{Append: appendSized, Decode: decodeSized}
}

func appendSized(dst []byte, s Sized) ([]byte, error) {
	dst, _ = appendTask(dst, s.Task)
	return binary.LittleEndian.AppendUint64(dst, s.Memory), nil
}

func decodeSized(src []byte) (Sized, error) {
	if len(src) != sizedSize {
		return Sized{}, fmt.Errorf("task of %d bytes: must be %d", len(src), sizedSize)
	}
	t, rest := cutTask(src)
	s := Sized{t, binary.LittleEndian.Uint64(rest)}
	if s.Memory < MinMemory || s.Memory > MaxMemory {
		return Sized{}, fmt.Errorf("memory of %d bytes: must be %d to %d", s.Memory, MinMemory, MaxMemory)
	}
	return s, nil
}

// sized completes w to a workload of tasks on memory of a chosen size. Hold is made by the
// process that asks for the work and kept as long as the load; nil if there is nothing.
func sized(w Workload, s scale, k strategies.Kernel[Sized, Outcome], hold func(memory int) any) Workload {
	k.Name, k.In, k.Out = w.Name, sizedCodec(), outcomeCodec()
	w.Grains, w.Memories, w.Finest, w.Kernel = true, true, s.finest, k
	w.New = func(p Params) (Load, error) {
		if err := w.Check(p); err != nil {
			return nil, err
		}
		l := &Typed[Sized, Outcome]{
			Kernel: k,
			Params: p,
			Input:  func(i, grain int) Sized { return Sized{task(p.Seed, i, s.count(grain)), uint64(p.Memory)} },
			Number: number,
		}
		if hold != nil {
			l.Held = hold(p.Memory)
		}
		return l, nil
	}
	return w
}

// A bySize is what tasks of a process share that work on as much memory: it is made once
// for each size. The size that was asked for last costs a comparison, where a look into the
// map takes as long as a fifth of the shortest tasks.
type bySize[T any] struct {
	make func(memory uint64) T
	last atomic.Pointer[madeFor[T]]
	all  sync.Map
}

type madeFor[T any] struct {
	memory uint64
	made   T
}

func (b *bySize[T]) of(memory uint64) T {
	if last := b.last.Load(); last != nil && last.memory == memory {
		return last.made
	}
	once, _ := b.all.LoadOrStore(memory, sync.OnceValue(func() T { return b.make(memory) }))
	made := once.(func() T)()
	b.last.Store(&madeFor[T]{memory, made})
	return made
}
