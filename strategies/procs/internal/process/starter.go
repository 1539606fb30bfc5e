//go:build unix

package process

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/procs/internal/poll"
)

// A Starter starts the worker processes of one executor.
type Starter struct {
	config  Config
	helper  *helper        // nil if this process starts the workers directly
	running sync.WaitGroup // counts supervisors

	mu      sync.Mutex
	kernels []string   // names of the kernels of the first worker that answered
	spares  []*Process // processes without an owner, oldest first; some may not be prepared yet
	ended   bool       // set when no more spares should be started
}

// NewStarter returns a Starter of processes with configuration c.
func NewStarter(c Config) *Starter {
	s := &Starter{config: c}
	if c.Helper {
		s.helper = newHelper(c)
	}
	return s
}

// Start returns a process: the oldest spare (a process started in advance), or a new process if
// there is no spare. Start wakes the poller owner when the process has answered, and again when it
// has ended. [Process.Era] later returns the argument era for each process that this call starts,
// including new spares.
func (s *Starter) Start(owner *poll.Poller, era int32) (p *Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	if s.ended {
		p = s.begin(era)
	} else {
		for len(s.spares) <= s.config.Spares {
			s.spares = append(s.spares, s.begin(era))
		}
		p = s.spares[0]
		s.spares = slices.Delete(s.spares, 0, 1)
	}
	p.owner.Store(owner)
	owner.Wake() // the supervisor may have reported all events before owner was set
	return p
}

func (s *Starter) begin(era int32) *Process {
	p := &Process{stderr: -1, era: era}
	s.running.Go(func() { p.supervise(s) })
	return p
}

// sweep removes spares (processes started in advance) that have ended. It starts no new spares,
// because a program that always ends at once would then be started again and again. The caller must
// hold mu.
func (s *Starter) sweep() {
	s.spares = slices.DeleteFunc(s.spares, func(p *Process) bool {
		ended := p.Ended()
		if ended {
			p.Close()
		}
		return ended
	})
}

// EndSpares kills the spares (processes that were started in advance). From then on the Starter
// keeps no spares.
func (s *Starter) EndSpares() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for _, p := range s.spares {
		p.Kill(syscall.SIGKILL)
	}
}

// Close waits until all processes have ended and releases the Starter. Start must not be called
// afterwards.
func (s *Starter) Close() {
	s.running.Wait()
	s.mu.Lock()
	s.sweep()
	s.mu.Unlock()
	s.helper.close()
}

// Kernels returns the names of the kernels in the worker program. It returns nil until a worker has
// answered.
func (s *Starter) Kernels() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kernels
}

// sameKernels reports whether names, the kernel names of a worker, equal those of the first worker.
// The first call records names and returns true.
func (s *Starter) sameKernels(names []string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kernels == nil {
		s.kernels = append([]string{}, names...)
	}
	return slices.Equal(s.kernels, names)
}

// spawn starts a process. The process inherits the descriptors in files and numbers them from 0.
func (s *Starter) spawn(files []int) (pid int, err error) {
	a := &s.config.Attributes
	if s.helper != nil {
		pid, err = s.helper.spawn(files)
	} else if err = a.alterThread(); err == nil {
		pid, err = s.config.fork(files)
	}
	if _, fault := errors.AsType[*Fault](err); fault || err == nil {
		return pid, err
	}
	if fault := a.folder(); fault != nil {
		return 0, fault
	}
	return 0, fmt.Errorf("start: %w", err)
}

// fork executes the program in a new child process of this thread, and passes the descriptors in
// files to it.
func (c *Config) fork(files []int) (pid int, err error) {
	fds := make([]uintptr, len(files))
	for i, fd := range files {
		fds[i] = uintptr(fd)
	}
	return syscall.ForkExec(c.Command[0], c.Command, &syscall.ProcAttr{
		Dir: c.Attributes.Dir, Env: c.Attributes.Env, Files: fds, Sys: sysAttributes(),
	})
}

// folder checks the folder Dir after a process could not be started, because the error of the
// system does not say whether Dir or the program is the cause. It returns a [Fault] if Dir cannot
// be used, and nil otherwise.
func (a Attributes) folder() error {
	if a.Dir == "" {
		return nil
	}
	if err := unix.Access(a.Dir+"/.", unix.X_OK); err != nil {
		return &Fault{"dir", a.Dir, err}
	}
	return nil
}

// alters reports whether a sets a nice value or CPUs. alterThread then changes the thread that
// starts the process.
func (a Attributes) alters() bool { return a.Nice > 0 || len(a.CPUs) > 0 }
