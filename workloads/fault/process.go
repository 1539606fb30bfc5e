package fault

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/workloads/mix"
)

// A Process is the state that tasks which go wrong leave in their process, or in a load of it. The
// zero value is ready to use.
type Process struct {
	setup  sync.Once
	setUp  uint64 // result of the set-up
	mu     sync.Mutex
	leaked [][]byte
	hung   sync.RWMutex // held for reading by tasks that hang, some of which outlive their job
}

// Wait waits until no task hangs, so that all workers are free for the next job.
func (p *Process) Wait() {
	p.hung.Lock()
	//lint:ignore SA2001 it waits for those who hold it
	p.hung.Unlock()
}

// before carries out the part of a plan that precedes the work: set-up, once a process, and leak.
func (p *Process) before(t plan) {
	if t.setup > 0 {
		p.setup.Do(func() { p.setUp = compute(t.setup) })
	}
	if t.leak > 0 {
		b := make([]byte, t.leak)
		for at := 0; at < len(b); at += 4096 { // the system has to provide every page
			b[at] = 1
		}
		p.mu.Lock()
		p.leaked = append(p.leaked, b)
		p.mu.Unlock()
	}
}

func compute(steps uint64) uint64 {
	x := uint64(1)
	for range steps {
		x = mix.Step(x)
	}
	return x
}

var errPlanned = errors.New("planned to fail")

// after carries out the part of a plan that follows the work: the fault. It ends only a process
// that serves tasks.
func (p *Process) after(t plan, serves bool) error {
	switch t.kind {
	case None:
		return nil
	case Panics:
		panic(errPlanned)
	case Hangs:
		p.hung.RLock()
		time.Sleep(hangs)
		p.hung.RUnlock()
	case Exits, Killed:
		if !serves {
			return errors.New("planned to end its process, which is not a worker's")
		}
		if t.kind == Exits {
			os.Exit(3)
		}
		return errors.Join(syscall.Kill(os.Getpid(), syscall.SIGKILL), errPlanned)
	}
	return errPlanned
}
