package kernels

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// A sizedTask is a task on so much memory, which does not travel but is made where the task
// runs, once in each process.
type sizedTask struct {
	workloads.Task
	Memory uint64 // bytes
}

func sizedCodec() strategies.Codec[sizedTask] {
	return workloads.InputCodec("task", 8, 8,
		func(dst []byte, t sizedTask) []byte { return binary.LittleEndian.AppendUint64(dst, t.Memory) },
		func(head workloads.Task, rest []byte) (sizedTask, error) {
			t := sizedTask{head, binary.LittleEndian.Uint64(rest)}
			if t.Memory < workloads.MinMemory || t.Memory > workloads.MaxMemory {
				return t, fmt.Errorf("memory of %d bytes: must be %d to %d", t.Memory, workloads.MinMemory, workloads.MaxMemory)
			}
			return t, nil
		})
}

// sized completes w to a workload of tasks on memory of a chosen size, as counted does. Hold
// returns what the program that asks for the work keeps as long as the load.
func sized(w workloads.Workload, s scale, run func(context.Context, sizedTask) (workloads.Outcome, error), hold func(memory int) any) workloads.Workload {
	w.Grains, w.Memories = true, true
	k := strategies.Kernel[sizedTask, workloads.Outcome]{Func: run, In: sizedCodec(), Out: workloads.OutcomeCodec()}
	return workloads.Define(w, k, func(p workloads.Params) (workloads.Typed[sizedTask, workloads.Outcome], error) {
		held := hold(p.Memory)
		return workloads.Typed[sizedTask, workloads.Outcome]{
			Input:  func(i, grain int) sizedTask { return sizedTask{p.Task(i, s.count(grain)), uint64(p.Memory)} },
			Number: workloads.Outcome.Number,
			Free:   func() error { runtime.KeepAlive(held); return nil },
		}, nil
	})
}

// nothing is kept by the program that asks for the work.
func nothing(int) any { return nil }

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
