package procs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// killHelper kills the helper of x and returns when it has ended.
func killHelper(x *Executor) error {
	h := x.config.helper
	if err := unix.Kill(h.pid, unix.SIGKILL); err != nil {
		return err
	}
	return unix.Waitid(unix.P_PID, h.pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
}

// Without room for processes queued tasks fail promptly, with the cause, and run when there
// is room again. Root has always room, and a Go program that has none for a thread ends; so
// this is tried as nobody, by a helper that alone is limited.
func TestTooManyProcesses(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("becomes another user")
	}
	c := exec.Command("/proc/self/exe", "crowded")
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	c.Dir = "/"
	out, err := c.CombinedOutput()
	if err != nil || string(out) != "as it should be\n" {
		t.Errorf("%v: %s", err, out)
	}
}

// crowded is the other user.
func crowded() error {
	ctx := context.Background()
	x, err := New(ctx, started(Helper, 2))
	if err != nil {
		return err
	}
	var was unix.Rlimit
	limit := unix.Rlimit{Cur: 1}
	pid := x.config.helper.pid
	if err := unix.Prlimit(pid, unix.RLIMIT_NPROC, nil, &was); err != nil {
		return err
	}
	limit.Max = was.Max
	if err := unix.Prlimit(pid, unix.RLIMIT_NPROC, &limit, nil); err != nil {
		return err
	}
	_, err = fault.Map(ctx, x, []string{"kill", "kill", "1", "2"}, strategies.Options{Chunk: chunk.Fixed(1)})
	var start *StartError
	if !errors.As(err, &start) || !errors.Is(start, unix.EAGAIN) || !strings.Contains(start.Error(), "ulimit") {
		return fmt.Errorf("without room: %w", err)
	}
	if err := unix.Prlimit(pid, unix.RLIMIT_NPROC, &was, nil); err != nil {
		return err
	}
	if _, err := fault.Map(ctx, x, numbered(3), strategies.Options{}); err != nil {
		return fmt.Errorf("with room again: %w", err)
	}
	return x.Close()
}

// A child of which nobody knows, since it could not execute the program or the helper was
// killed before it told of it, is ended and waited for. The others are left alone.
func TestHelperStrays(t *testing.T) {
	x := newExecutor(t, started(Helper, 2))
	h := x.config.helper
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	stray := h.ask([]uintptr{null.Fd(), null.Fd(), null.Fd()})
	closeAll(stray.pidfd)
	if stray.err != nil {
		t.Fatal(stray.err)
	}
	h.reaped(stray.pid)
	h.reap()
	if _, err := unix.Wait4(stray.pid, nil, unix.WNOHANG, nil); err != unix.ECHILD {
		t.Skip("the system does not list the children of a thread")
	}
	if out, err := fault.Map(t.Context(), x, numbered(3), strategies.Options{}); err != nil {
		t.Error(out, err)
	}
	if r := x.Restarts(); r != (Restarts{}) {
		t.Errorf("%+v", r)
	}
	x.Close()
	noChildren(t)
}
