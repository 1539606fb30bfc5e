package kernels

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// This file defines workloads that compute by the kind of their input: a bare task, a task with
// data, or a task on memory.

// A scale converts a grain in ns to steps of a kernel. It is the same on every machine, so that
// tasks and digests are too; the time that a step takes here shows in the measured work.
type scale struct {
	steps, nanos uint64 // steps take nanos
	lead         uint64 // steps that take as long as calling, beginning and ending a task
}

// count returns the steps of a task of that grain, at least one.
func (s scale) count(grain int) uint64 {
	all := (uint64(grain)*s.steps + s.nanos/2) / s.nanos
	return max(all, s.lead+1) - s.lead
}

// counted completes w to a workload whose inputs are bare tasks: run does t.Steps steps, and
// count returns how many steps a grain is.
func counted(w workloads.Workload, count func(grain int) uint64, run func(context.Context, workloads.Task) (workloads.Outcome, error)) workloads.Workload {
	w.Grains = true
	return defined(w, workloads.TaskCodec(), run, func(p workloads.Params) (func(i, grain int) workloads.Task, error) {
		return func(i, grain int) workloads.Task { return p.Task(i, count(grain)) }, nil
	})
}

// defined completes w to a workload that runs its tasks by run: prepare returns the function
// that makes the input of task i, whose work is grain ns.
func defined[In any](w workloads.Workload, in strategies.Codec[In], run func(context.Context, In) (workloads.Outcome, error), prepare func(workloads.Params) (input func(i, grain int) In, err error)) workloads.Workload {
	k := strategies.Kernel[In, workloads.Outcome]{Func: run, In: in, Out: workloads.OutcomeCodec()}
	return workloads.Define(w, k, func(p workloads.Params) (t workloads.Typed[In, workloads.Outcome], err error) {
		t.Input, err = prepare(p)
		t.Number = workloads.Outcome.Number
		return t, err
	})
}

// A message is a task with data that travels to its worker.
type message struct {
	workloads.Task
	Data []byte // which the kernel only reads
}

func messageCodec() strategies.Codec[message] {
	return workloads.InputCodec("message", 0, workloads.MaxPayload,
		func(dst []byte, m message) []byte { return append(dst, m.Data...) },
		func(head workloads.Task, data []byte) (message, error) { return message{head, bytes.Clone(data)}, nil })
}

// A sizedTask is a task on memory that does not travel: each process makes it once.
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

// sized completes w to a workload whose tasks work on Params.Memory bytes, as counted does.
// Hold returns data that the program which asks for the work keeps as long as its load.
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

// nothing is the hold of a workload whose asking program keeps no data.
func nothing(int) any { return nil }

// A bySize holds the data that tasks of one process share if they work on the same size of
// memory; it makes them once for each size. The size asked for last costs a comparison; a map
// lookup takes as long as a fifth of the shortest tasks.
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
