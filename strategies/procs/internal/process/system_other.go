//go:build unix && !linux

package process

import "syscall"

// sysAttributes returns attributes that put a worker into its own process group. On this system the
// worker itself detects the end of this process.
func sysAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// halted returns false, because this system cannot report stopped children safely: the call would
// also reap a child that has ended, which only the child's supervisor may do. A worker that a
// signal has stopped ends when its task reaches the time limit.
func halted(int) bool { return false }

// A helper starts workers through another process. This system does not support that.
type helper struct{}

func newHelper(Config) *helper { return nil }

func (h *helper) spawn([]int) (int, error) { return 0, syscall.ENOSYS }
func (h *helper) reaped(int)               {}
func (h *helper) close()                   {}

func (a Attributes) alterThread() error { return nil }
func (a Attributes) limit(int) error    { return nil }

// Resident returns 0, since this system does not report the memory of another process.
func (p *Process) Resident(bool) int64 { return 0 }
