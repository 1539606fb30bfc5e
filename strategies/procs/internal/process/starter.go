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
	helper  *helper // that starts workers; nil if this process does
	running sync.WaitGroup

	mu      sync.Mutex
	kernels []string   // of the first worker that answered
	spares  []*Process // without an owner, oldest first, whether they have answered or not
	ended   bool       // no spare is wanted any more
}

// NewStarter returns a Starter of processes as c says.
func NewStarter(c Config) *Starter {
	s := &Starter{config: c}
	if c.Helper {
		s.helper = newHelper(c)
	}
	return s
}

// Start starts a process, whose owner hears of it, or returns the spare that is nearest to
// being ready. Era is the owner's, for [Process.Era].
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
	owner.Wake() // its supervisor may have nothing more to report
	return p
}

func (s *Starter) begin(era int32) *Process {
	p := &Process{stderr: -1, era: era}
	s.running.Go(func() { p.supervise(s) })
	return p
}

// sweep forgets spares that have ended; they are replaced when the next is taken, so that no
// program that ends at once is started without end. The lock is held.
func (s *Starter) sweep() {
	s.spares = slices.DeleteFunc(s.spares, func(p *Process) bool {
		ended := p.Ended()
		if ended {
			p.Close()
		}
		return ended
	})
}

// EndSpares kills the spares, which no owner will take, and keeps no more of them.
func (s *Starter) EndSpares() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for _, p := range s.spares {
		p.Kill(syscall.SIGKILL)
	}
}

// Close waits until all processes have ended and frees the Starter. No process is started
// any more.
func (s *Starter) Close() {
	s.running.Wait()
	s.mu.Lock()
	s.sweep()
	s.mu.Unlock()
	s.helper.close()
}

// Kernels returns the names of the kernels that the workers serve, once one has answered.
func (s *Starter) Kernels() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kernels
}

// sameKernels reports whether names are those of the first worker that answered.
func (s *Starter) sameKernels(names []string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kernels == nil {
		s.kernels = append([]string{}, names...)
	}
	return slices.Equal(s.kernels, names)
}

// spawn starts a process with these descriptors, from 0 on.
func (s *Starter) spawn(files []int) (pid int, err error) {
	a := &s.config.Attributes
	if s.helper != nil {
		pid, err = s.helper.spawn(files)
	} else if err = a.alterThread(); err == nil {
		pid, err = s.config.fork(files)
	}
	var fault *Fault
	if err == nil || errors.As(err, &fault) {
		return pid, err
	}
	if fault := a.folder(); fault != nil {
		return 0, fault
	}
	return 0, fmt.Errorf("start: %w", err)
}

// fork executes the program on this thread.
func (c *Config) fork(files []int) (pid int, err error) {
	fds := make([]uintptr, len(files))
	for i, fd := range files {
		fds[i] = uintptr(fd)
	}
	return syscall.ForkExec(c.Command[0], c.Command, &syscall.ProcAttr{
		Dir: c.Attributes.Dir, Env: c.Attributes.Env, Files: fds, Sys: sysAttributes(),
	})
}

// folder returns what is wrong with Dir, nil if nothing is: the system says the same of it as
// of a program that it cannot run.
func (a Attributes) folder() error {
	if a.Dir == "" {
		return nil
	}
	if err := unix.Access(a.Dir+"/.", unix.X_OK); err != nil {
		return &Fault{"dir", a.Dir, err}
	}
	return nil
}

// alters reports whether alterThread changes anything.
func (a Attributes) alters() bool { return a.Nice > 0 || len(a.CPUs) > 0 }
