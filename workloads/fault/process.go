package fault

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/workloads/mix"
)

// A Process holds the state that faults leave in a worker process, or in a load. The zero value is
// ready to use.
type Process struct {
	setup  sync.Once
	setUp  uint64 // result of the set-up
	mu     sync.Mutex
	leaked [][]byte
	hung   sync.RWMutex // tasks that hang hold it for reading; they may outlive their job
}

// Wait waits until no task hangs, so that all workers are free for the next job.
func (p *Process) Wait() {
	p.hung.Lock()
	//lint:ignore SA2001 locking waits for the tasks that hold the lock
	p.hung.Unlock()
}

// before executes the part of a plan that precedes the work: the set-up, once for each process,
// and the leak.
func (p *Process) before(t plan) {
	if t.setup > 0 {
		p.setup.Do(func() { p.setUp = compute(t.setup) })
	}
	if t.leak > 0 {
		b := make([]byte, t.leak)
		for at := 0; at < len(b); at += 4096 { // makes the system provide every page
			b[at] = 1
		}
		p.mu.Lock()
		p.leaked = append(p.leaked, b)
		p.mu.Unlock()
	}
}

// compute computes that many steps of package mix.
func compute(steps uint64) uint64 {
	x := uint64(1)
	for range steps {
		x = mix.Step(x)
	}
	return x
}

var errPlanned = errors.New("planned to fail")

// after executes the part of a plan that follows the work: the fault. It ends the process only if
// serves is set, which means that this is a worker process.
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
			return errors.New("planned to end its process, which is not a worker process")
		}
		if t.kind == Exits {
			os.Exit(3)
		}
		return errors.Join(syscall.Kill(os.Getpid(), syscall.SIGKILL), errPlanned)
	}
	return errPlanned
}
