package workloads

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"github.com/payoff-bench/payoff/strategies"
)

// A Share is a task that shares state with the others of its job: in memory where they run
// in the process that made the job, else in a file that the processes map. It says where,
// and who made it.
type Share struct {
	Task
	Maker uint32 // process that made the job
	Path  string
}

func shareCodec() strategies.Codec[Share] {
	const size = taskSize + 4
	return strategies.Codec[Share]{
		Append: func(dst []byte, s Share) ([]byte, error) {
			dst, _ = appendTask(dst, s.Task)
			return append(binary.LittleEndian.AppendUint32(dst, s.Maker), s.Path...), nil
		},
		Decode: func(src []byte) (Share, error) {
			if len(src) <= size || len(src) > size+maxPath {
				return Share{}, fmt.Errorf("task with shared state of %d bytes: must be %d to %d", len(src), size+1, size+maxPath)
			}
			t, rest := cutTask(src)
			return Share{t, binary.LittleEndian.Uint32(rest), string(rest[4:])}, nil
		},
	}
}

// words is how many counters there are in shared memory, each on a cache line of its own.
const (
	words     = 4
	wordSize  = 128
	pagesSize = words * wordSize
)

// A shared is the state of one job as a process has it.
type shared struct {
	memory []byte   // mapped from the file
	file   *os.File // which is locked, too
	here   bool     // all tasks run in this process
	mu     sync.Mutex
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

func (s *shared) close() error {
	return errors.Join(syscall.Munmap(s.memory), s.file.Close())
}

// A states is the shared state that a process knows, by path. Each workload has its own, so
// that tasks of different jobs never meet.
type states struct{ keyed[*shared] }

// make makes the state of a job below dir.
func (*states) make(name, dir string) (Share, error) {
	if dir == "" {
		return Share{}, &ParamError{name, "dir", `""`, "an existing folder"}
	}
	f, err := os.CreateTemp(dir, name+"-")
	if err != nil {
		return Share{}, fmt.Errorf("workload %s: %w", name, err)
	}
	path, err := filepath.Abs(f.Name())
	if err := errors.Join(err, f.Truncate(pagesSize), f.Close()); err != nil {
		return Share{}, fmt.Errorf("workload %s: %w", name, err)
	}
	return Share{Maker: uint32(os.Getpid()), Path: path}, nil
}

// at returns the state of t's job, which a worker process opens when its first task comes.
func (s *states) at(t Share) (*shared, error) {
	return s.of(t.Path, func() (*shared, error) {
		one, err := open(t)
		if err != nil {
			return nil, fmt.Errorf("shared state: %w", err)
		}
		return one, nil
	})
}

func open(t Share) (*shared, error) {
	f, err := os.OpenFile(t.Path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && st.Size() != pagesSize {
		err = fmt.Errorf("%s has %d bytes, not %d", t.Path, st.Size(), pagesSize)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	memory, err := syscall.Mmap(int(f.Fd()), 0, pagesSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &shared{memory: memory, file: f, here: t.Maker == uint32(os.Getpid())}, nil
}

// free forgets the state of a job and removes it.
func (s *states) free(t Share) (err error) {
	if one := s.drop(t.Path); one != nil {
		err = one.close()
	}
	return errors.Join(err, os.Remove(t.Path))
}

// sharing completes w to a workload whose tasks share state and have a grain: f runs one
// with the state of its job. Look says what the state shows after a job of so many tasks.
func sharing(w Workload, f func(context.Context, Share, *shared) (Outcome, error), look func(s *shared, tasks int) (map[string]float64, error)) Workload {
	all := &states{}
	k := strategies.Kernel[Share, Waited]{
		Name: w.Name,
		In:   shareCodec(),
		Out:  waitedCodec(),
		Func: timed(func(ctx context.Context, t Share) (Outcome, error) {
			s, err := all.at(t)
			if err != nil {
				return Outcome{}, err
			}
			return f(ctx, t, s)
		}),
	}
	w.Grains, w.Shared, w.Kernel = true, true, k
	w.New = func(p Params) (Load, error) {
		if err := w.Check(p); err != nil {
			return nil, err
		}
		made, err := all.make(w.Name, p.Dir)
		if err != nil {
			return nil, err
		}
		return &Typed[Share, Waited]{
			Kernel: k,
			Params: p,
			Input: func(i, grain int) Share {
				return Share{task(p.Seed, i, uint64(grain)), made.Maker, made.Path}
			},
			Number: waitedNumber,
			Look: func(out []Waited) (map[string]float64, error) {
				values, _ := service(out)
				s, err := all.at(made)
				if err != nil {
					return nil, err
				}
				more, err := look(s, len(out))
				for unit, v := range more {
					values[unit] = v
				}
				return values, err
			},
			Free: func() error { return all.free(made) },
		}, nil
	}
	return w
}

// spun is the outcome of computing for so many ns, as spin does.
func (t Share) spun(ctx context.Context, grain uint64) (Outcome, error) {
	one := t.Task
	one.Steps = spinCount(int(grain))
	return spin(ctx, one)
}
