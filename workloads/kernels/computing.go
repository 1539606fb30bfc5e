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
	arena "github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/workloads"
)

// This file has functions that define workloads that compute. They serve three kinds of input: a
// Task, a Task with data, and a Task that works on memory.

// A scale converts a grain in ns to a number of steps of a kernel. A scale is the same on every
// machine, so that tasks and digests are the same too. The real time of the steps on a machine is
// measured separately.
type scale struct {
	steps, nanos uint64 // this number of steps takes nanos ns on the machine for which the scale was chosen
	lead         uint64 // time to call, begin and end a task, in steps
}

// count returns the number of steps of a task with the given grain, at least 1.
func (s scale) count(grain int) uint64 {
	all := (uint64(grain)*s.steps + s.nanos/2) / s.nanos
	return max(all, s.lead+1) - s.lead
}

// counted returns a copy of w whose tasks call the function run. The input of a task is a
// [workloads.Task]. The function count converts a grain in ns to a number of steps, and the
// function run performs these steps.
func counted(w workloads.Workload, count func(grain int) uint64, run func(context.Context, workloads.Task) (workloads.Outcome, error)) workloads.Workload {
	w.Grains = true
	return defined(w, workloads.TaskCodec(), run, func(p workloads.Params) (func(i, grain int) workloads.Task, error) {
		return func(i, grain int) workloads.Task { return p.Task(i, count(grain)) }, nil
	})
}

// defined returns a copy of w whose tasks apply the function run to their inputs. The argument in
// is the codec of the inputs. The function prepare returns the function input, which makes the
// input of task i. With this input, run computes for grain ns.
func defined[In any](w workloads.Workload, in strategies.Codec[In], run func(context.Context, In) (workloads.Outcome, error), prepare func(workloads.Params) (input func(i, grain int) In, err error)) workloads.Workload {
	k := strategies.Kernel[In, workloads.Outcome]{Func: run, In: in, Out: workloads.OutcomeCodec()}
	return workloads.Define(w, k, func(p workloads.Params) (t workloads.Typed[In, workloads.Outcome], err error) {
		t.Input, err = prepare(p)
		t.Number = workloads.Outcome.Number
		return t, err
	})
}

// A message is a task together with its data, which is sent to the worker with the task.
type message struct {
	workloads.Task
	Data []byte // the kernel only reads it
}

func messageCodec() strategies.Codec[message] {
	return workloads.InputCodec("message", 0, workloads.MaxPayload,
		func(dst []byte, m message) []byte { return append(dst, m.Data...) },
		func(head workloads.Task, data []byte) (message, error) { return message{head, bytes.Clone(data)}, nil })
}

// placedCodec returns the codec of a message whose data travels by reference: only its place in
// shared memory is sent. If the data is not in memory shared with the worker, the codec copies it.
func placedCodec() strategies.Codec[message] {
	c := arena.Bytes()
	return workloads.InputCodec("message", 0, workloads.MaxPayload,
		func(dst []byte, m message) []byte {
			dst, _ = c.Append(dst, m.Data) // after an error, decode reports that the data is missing
			return dst
		},
		func(head workloads.Task, src []byte) (message, error) {
			data, err := c.Decode(src)
			return message{head, data}, err
		})
}

// A sizedTask is a task that works on memory of a given size. The memory is not sent with the task:
// each process makes its own.
type sizedTask struct {
	workloads.Task
	Memory uint64 // size of the memory in bytes
}

func sizedCodec() strategies.Codec[sizedTask] {
	return workloads.InputCodec("task", 8, 8,
		func(dst []byte, t sizedTask) []byte { return binary.LittleEndian.AppendUint64(dst, t.Memory) },
		func(head workloads.Task, rest []byte) (sizedTask, error) {
			t := sizedTask{head, binary.LittleEndian.Uint64(rest)}
			if t.Memory < workloads.MinMemory || t.Memory > workloads.MaxMemory {
				return t, fmt.Errorf("a task cannot use %d bytes of memory: the size must be from %d to %d", t.Memory, workloads.MinMemory, workloads.MaxMemory)
			}
			return t, nil
		})
}

// sized returns a copy of w whose tasks work on Params.Memory bytes of memory. The scale s converts
// a grain to a number of steps, and the function run performs these steps. The function hold
// returns data that the load keeps in memory until the load is closed, or nil if there is none.
func sized(w workloads.Workload, s scale, run func(context.Context, sizedTask) (workloads.Outcome, error), hold func(memory int) any) workloads.Workload {
	w.Grains, w.Memories = true, true
	return defined(w, sizedCodec(), run, func(p workloads.Params) (func(i, grain int) sizedTask, error) {
		held := hold(p.Memory)
		return func(i, grain int) sizedTask {
			runtime.KeepAlive(held) // the load refers to this function, and the function to held
			return sizedTask{p.Task(i, s.count(grain)), uint64(p.Memory)}
		}, nil
	})
}

// nothing returns nil. It is the function hold of workloads whose load keeps no data in memory.
func nothing(int) any { return nil }

// A bySize holds the data that the tasks of a process share: one value for each size of memory. It
// makes the value for a size when a task first needs it. It remembers the value that was used last,
// since most tasks need the same value as the task before. A look-up in a map would take a fifth of
// the time of the shortest tasks.
type bySize[T any] struct {
	make func(memory uint64) T
	last atomic.Pointer[madeFor[T]]
	all  sync.Map
}

type madeFor[T any] struct {
	memory uint64
	made   T
}

// of returns the data for the given size of memory, in bytes. The first call for a size makes the
// data.
func (b *bySize[T]) of(memory uint64) T {
	if last := b.last.Load(); last != nil && last.memory == memory {
		return last.made
	}
	once, _ := b.all.LoadOrStore(memory, sync.OnceValue(func() T { return b.make(memory) }))
	made := once.(func() T)()
	b.last.Store(&madeFor[T]{memory, made})
	return made
}
