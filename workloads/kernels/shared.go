package kernels

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// A sharedTask is a task that shares state with the other tasks of its job. If the tasks run in the
// process of the load, the state is in the memory of that process. If they run in worker processes,
// the state is in files of a folder, which the processes map or lock. A sharedTask carries the path
// of the folder and the id of the load's process.
type sharedTask struct {
	workloads.Task
	Maker uint32 // id of the process of the load
	Dir   string
}

func sharedCodec() strategies.Codec[sharedTask] {
	return workloads.InputCodec("task with shared state", 4+1, 4+workloads.MaxPath,
		func(dst []byte, t sharedTask) []byte {
			return append(binary.LittleEndian.AppendUint32(dst, t.Maker), t.Dir...)
		},
		func(head workloads.Task, rest []byte) (sharedTask, error) {
			return sharedTask{head, binary.LittleEndian.Uint32(rest), string(rest[4:])}, nil
		})
}

// newSharedTask returns task i of a job whose load is in this process. The work of the task takes
// grain ns.
func newSharedTask(p workloads.Params, i, grain int) sharedTask {
	return sharedTask{p.Task(i, uint64(grain)), uint32(os.Getpid()), p.Dir}
}

// here reports whether the load of task t is in this process. If so, all tasks of the job run in
// this process.
func (t sharedTask) here() bool { return t.Maker == uint32(os.Getpid()) }

// spun does the work of task t: it computes for grain ns, like a task of the workload spin.
func (t sharedTask) spun(ctx context.Context, grain uint64) (workloads.Outcome, error) {
	one := t.Task
	one.Steps = spinCount(int(grain))
	return spin(ctx, one)
}

// Counters in shared memory are so far apart that no two of them share a cache line. Sizes are in
// bytes.
const (
	wordSize  = 128
	pagesSize = 4 * wordSize
)

// A shared is the state that the tasks of one job share, opened in this process: memory, a lock or
// a semaphore.
type shared struct {
	memory []byte   // file, mapped into memory
	file   *os.File // file that the method lock locks if the tasks run in several processes
	here   bool     // whether this process runs all tasks of the job
	mu     sync.Mutex

	// To take a place in a semaphore, goroutines send to room, and processes lock one of places.
	room   chan struct{}
	places []*os.File
}

// word returns the counter with number i in the memory that all processes share.
func (s *shared) word(i int) *atomic.Uint64 {
	return (*atomic.Uint64)(unsafe.Pointer(&s.memory[i*wordSize]))
}

// lock waits for the lock of the job and takes it. The lock is a mutex if the tasks are goroutines
// of one process, and flock if they run in several processes. When a process ends, the system
// releases its flock.
func (s *shared) lock(ctx context.Context) (err error) {
	if s.here {
		strategies.Blocking(ctx, s.mu.Lock)
		return nil
	}
	strategies.Blocking(ctx, func() { err = flock(s.file, syscall.LOCK_EX) })
	return err
}

func (s *shared) unlock() error {
	if s.here {
		s.mu.Unlock()
		return nil
	}
	return flock(s.file, syscall.LOCK_UN)
}

// flock locks or unlocks an open file; how says which, as in flock(2). Only processes that run one
// task at a time may call it, because all goroutines of a process share one flock.
func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// open opens the shared state of the job to which task t belongs. The argument places is the number
// of places of a semaphore. The first process that opens the state of the job creates the files.
func open(t sharedTask, places int) (*shared, error) {
	s := &shared{here: t.here(), room: make(chan struct{}, places)}
	for i := 0; !s.here && i < places; i++ {
		place, err := os.OpenFile(filepath.Join(t.Dir, fmt.Sprintf("place-%d", i)), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		s.places = append(s.places, place)
	}
	f, err := os.OpenFile(filepath.Join(t.Dir, "state"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	s.file = f
	if err = f.Truncate(pagesSize); err == nil {
		s.memory, err = syscall.Mmap(int(f.Fd()), 0, pagesSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

func (s *shared) close() error { return errors.Join(syscall.Munmap(s.memory), s.file.Close()) }

// A sharing describes a workload whose tasks share state: its functions, and the states that this
// process has opened.
type sharing struct {
	run func(context.Context, sharedTask, *shared) (workloads.Outcome, error)
	// look reads measurements from the state of a job after the job has ended, and returns them
	// keyed by unit. The argument tasks is the number of tasks in the job.
	look   func(s *shared, tasks int) (map[string]float64, error)
	places int // number of places of a semaphore; 0 for other workloads

	// states holds the states that this process has opened, by the folder of their job.
	states workloads.Keyed[*shared]
}

// at returns the shared state of the job to which task t belongs. A process opens the state when it
// runs its first task of the job.
func (sh *sharing) at(t sharedTask) (*shared, error) {
	return sh.states.Of(t.Dir, func() (*shared, error) {
		s, err := open(t, sh.places)
		if err != nil {
			return nil, fmt.Errorf("shared state: %w", err)
		}
		return s, nil
	})
}

// workload returns a copy of w whose tasks share state and compute for a grain.
func (sh *sharing) workload(w workloads.Workload) workloads.Workload {
	w.Grains, w.Shared = true, true
	k := strategies.Kernel[sharedTask, workloads.Timed]{
		In:  sharedCodec(),
		Out: workloads.TimedCodec(),
		Func: workloads.Time(func(ctx context.Context, t sharedTask) (workloads.Outcome, error) {
			s, err := sh.at(t)
			if err != nil {
				return workloads.Outcome{}, err
			}
			return sh.run(ctx, t, s)
		}),
	}
	return workloads.DefinePlain(w, k, func(p workloads.Params) (t workloads.Typed[sharedTask, workloads.Timed], err error) {
		s, err := sh.at(newSharedTask(p, 0, 0))
		if err != nil {
			return t, err
		}
		t.Input = func(i, grain int) sharedTask { return newSharedTask(p, i, grain) }
		t.Number = workloads.Timed.Number
		t.Look = func(out []workloads.Timed) (map[string]float64, error) {
			values, _ := workloads.Service(out)
			more, err := sh.look(s, len(out))
			maps.Copy(values, more)
			return values, err
		}
		t.Free = func() error { return sh.states.Drop(p.Dir).close() }
		return t, nil
	})
}
