package fault

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/workloads/mix"
)

// A Process holds the state that injected faults leave behind in a process: a worker process, or
// the process that runs the load. The zero value is ready to use.
type Process struct {
	setup  sync.Once
	setUp  uint64 // result of the set-up, kept so that it is computed
	mu     sync.Mutex
	leaked [][]byte
	hung   sync.RWMutex // tasks that hang hold a read lock; they may outlive their job
}

// Wait waits until all tasks that were planned to hang have ended, so that all workers are free for
// the next job.
func (p *Process) Wait() {
	p.hung.Lock()
	//lint:ignore SA2001 locking waits for the tasks that hold the lock
	p.hung.Unlock()
}

// before executes the part of plan t that comes before the work of the task: the set-up, which runs
// once in each process, and the memory leak.
func (p *Process) before(t plan) {
	if t.setup > 0 {
		p.setup.Do(func() { p.setUp = compute(t.setup) })
	}
	if t.leak > 0 {
		b := make([]byte, t.leak)
		for at := 0; at < len(b); at += 4096 { // touch every page, so that the system provides it
			b[at] = 1
		}
		p.mu.Lock()
		p.leaked = append(p.leaked, b)
		p.mu.Unlock()
	}
}

// compute performs the given number of steps of [mix.Step].
func compute(steps uint64) uint64 {
	x := uint64(1)
	for range steps {
		x = mix.Step(x)
	}
	return x
}

var errPlanned = errors.New("planned to fail")

// after executes the part of plan t that comes after the work of the task: the fault. serves says
// that this is a worker process; a fault may not end any other process.
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
			return errors.New("the task was planned to end its process, but this is not a worker process")
		}
		if t.kind == Exits {
			os.Exit(3)
		}
		return errors.Join(syscall.Kill(os.Getpid(), syscall.SIGKILL), errPlanned)
	}
	return errPlanned
}
