//go:build unix && !linux

package process

import "syscall"

// sysAttributes puts a worker into a process group of its own. The worker notices by itself
// when this process is gone.
func sysAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// halted reports that it is not known here whether a child was stopped by a signal: to ask
// would reap a child that has ended, which is up to its supervisor. The limit of its task
// ends such a worker.
func halted(int) bool { return false }

// A helper starts workers from another process; there is none on this system.
type helper struct{}

func newHelper(Config) *helper { return nil }

func (h *helper) spawn([]int) (int, error) { return 0, syscall.ENOSYS }
func (h *helper) reaped(int)               {}
func (h *helper) close()                   {}

func (a Attributes) alterThread() error { return nil }
func (a Attributes) limit(int) error    { return nil }

// Resident returns 0: the memory of another process is not known on this system.
func (p *Process) Resident() int64 { return 0 }
