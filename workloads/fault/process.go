package fault

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/workloads/mix"
)

// A Process holds the state that injected faults leave behind in one process, such as leaked
// memory. The process is a worker process or the process that runs the load. The zero value is
// ready to use.
type Process struct {
	setup  sync.Once
	setUp  uint64 // result of the computation in the set-up; it is stored so that the compiler does not omit the computation
	mu     sync.Mutex
	leaked [][]byte
	hung   sync.RWMutex // held for reading by each task that hangs, because such a task may outlive its job
}

// Wait waits until all tasks that were planned to hang have ended, so that all workers are free for
// the next job.
func (p *Process) Wait() {
	p.hung.Lock()
	//lint:ignore SA2001 locking waits for the tasks that hold the lock
	p.hung.Unlock()
}

// before does the part of the plan t that comes before the work of the task: the set-up, once per
// process, and the memory leak.
func (p *Process) before(t plan) {
	if t.setup > 0 {
		p.setup.Do(func() { p.setUp = compute(t.setup) })
	}
	if t.leak > 0 {
		b := make([]byte, t.leak)
		for at := 0; at < len(b); at += 4096 { // write to every page, so that the system provides memory for it
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

var errPlanned = errors.New("this task was planned to fail")

// after executes the part of the plan t that comes after the work of the task: the fault. If serves
// is true, this process is a worker process. Otherwise the fault must not end the process, so after
// returns an error instead.
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
			return errors.New("this task was planned to end its process, but the process is not a worker process; use a strategy with worker processes")
		}
		if t.kind == Exits {
			os.Exit(3)
		}
		return errors.Join(syscall.Kill(os.Getpid(), syscall.SIGKILL), errPlanned)
	}
	return errPlanned
}
