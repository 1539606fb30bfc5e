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

// A sharedTask is a task that shares state with the others of its job: in memory where they
// run in the process that made the job, else in files of a folder, which the processes map or
// lock. It carries the path of the folder and the process that made it.
type sharedTask struct {
	workloads.Task
	Maker uint32 // process
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

// newShared makes the folder of a job below dir, and returns a task that carries its path.
func newShared(name, dir string) (t sharedTask, err error) {
	if dir, err = filepath.Abs(dir); err == nil {
		dir, err = os.MkdirTemp(dir, name+"-")
	}
	return sharedTask{Maker: uint32(os.Getpid()), Dir: dir}, err
}

// at makes t task i.
func (t sharedTask) at(p workloads.Params, i, grain int) sharedTask {
	t.Task = p.Task(i, uint64(grain))
	return t
}

// here reports whether all tasks of t's job run in this process.
func (t sharedTask) here() bool { return t.Maker == uint32(os.Getpid()) }

// spun is the outcome of computing for so many ns, as spin does.
func (t sharedTask) spun(ctx context.Context, grain uint64) (workloads.Outcome, error) {
	one := t.Task
	one.Steps = spinCount(int(grain))
	return spin(ctx, one)
}

// The counters in shared memory have a cache line each.
const (
	wordSize  = 128
	pagesSize = 4 * wordSize
)

// A shared is the state of one job as a process has it.
type shared struct {
	memory []byte   // mapped from the file
	file   *os.File // which is locked, too
	here   bool     // all tasks run in this process
	mu     sync.Mutex

	// Of a semaphore: a place in room, or one of files that is locked.
	room  chan struct{}
	files []*os.File
}

// word returns a counter that all processes have in common.
func (s *shared) word(i int) *atomic.Uint64 {
	return (*atomic.Uint64)(unsafe.Pointer(&s.memory[i*wordSize]))
}

// lock takes the one lock: a mutex among goroutines, flock among processes, which is given
// back when a process ends, whatever ends it.
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

// flock locks by the lock of an open file: for a process that runs one task at a time.
func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// open maps the file of a job, which whichever process comes first makes.
func open(t sharedTask) (*shared, error) {
	f, err := os.OpenFile(filepath.Join(t.Dir, "state"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	s := &shared{file: f, here: t.here()}
	if err = f.Truncate(pagesSize); err == nil {
		s.memory, err = syscall.Mmap(int(f.Fd()), 0, pagesSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

// A sharing is what the tasks of a job do with the state that they share.
type sharing struct {
	// open completes a state that this process has opened; nil if nothing is missing.
	open func(sharedTask, *shared) error
	run  func(context.Context, sharedTask, *shared) (workloads.Outcome, error)
	// look returns what the state shows after a job of so many tasks.
	look func(s *shared, tasks int) (map[string]float64, error)

	// states are what this process knows, by the folder of the job. Each workload has its
	// own, so that tasks of different jobs never meet.
	states workloads.Keyed[*shared]
}

// at returns the state of t's job, which a worker process opens when its first task comes.
func (sh *sharing) at(t sharedTask) (*shared, error) {
	return sh.states.Of(t.Dir, func() (*shared, error) {
		s, err := open(t)
		if err != nil {
			return nil, fmt.Errorf("shared state: %w", err)
		}
		if sh.open != nil {
			err = sh.open(t, s)
		}
		return s, err
	})
}

// free forgets the state of a job and removes it.
func (sh *sharing) free(t sharedTask) (err error) {
	if s := sh.states.Drop(t.Dir); s != nil {
		err = errors.Join(syscall.Munmap(s.memory), s.file.Close())
	}
	return errors.Join(err, os.RemoveAll(t.Dir))
}

// workload completes w, whose tasks have a grain.
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
	return workloads.Define(w, k, func(p workloads.Params) (t workloads.Typed[sharedTask, workloads.Timed], err error) {
		job, err := newShared(w.Name, p.Dir)
		if err != nil {
			return t, err
		}
		s, err := sh.at(job)
		t.Input = func(i, grain int) sharedTask { return job.at(p, i, grain) }
		t.Number = workloads.Timed.Number
		t.Look = func(out []workloads.Timed) (map[string]float64, error) {
			values, _ := workloads.Service(out)
			more, err := sh.look(s, len(out))
			maps.Copy(values, more)
			return values, err
		}
		t.Free = func() error { return sh.free(job) }
		return t, err
	})
}
