package procs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
)

// helperPID returns the process id of the helper process of x: the only child of this process that
// is not a worker of x.
func helperPID(x *Executor) (int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	workers := x.PIDs()
	for _, path := range stats {
		b, _ := os.ReadFile(path) // a process that has ended has none
		var parent int
		var state string
		_, rest, _ := strings.Cut(string(b), ") ")
		fmt.Sscan(rest, &state, &parent)
		pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
		if parent == os.Getpid() && state != "Z" && !slices.Contains(workers, pid) {
			return pid, nil
		}
	}
	return 0, errors.New("there is no helper")
}

// killHelper kills the helper process of x and returns when it has ended. All workers of x must be
// alive.
func killHelper(x *Executor) error {
	pid, err := helperPID(x)
	if err == nil {
		err = unix.Kill(pid, unix.SIGKILL)
	}
	if err != nil {
		return err
	}
	return unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
}

// TestTooManyProcesses checks a pool on a system that allows no more processes. Queued tasks must
// fail promptly, and their errors must name this cause. When the system allows processes again,
// later tasks must run.
//
// The limit does not apply to root, so the test runs as an unprivileged user. It applies only to
// the helper process, because a Go program ends if it cannot start a thread.
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

// crowded is the part of TestTooManyProcesses that runs as an unprivileged user.
func crowded() error {
	ctx := context.Background()
	x, err := New(ctx, started("helper", 2))
	if err != nil {
		return err
	}
	var was unix.Rlimit
	limit := unix.Rlimit{Cur: 1}
	pid, err := helperPID(x)
	if err != nil {
		return err
	}
	if err := unix.Prlimit(pid, unix.RLIMIT_NPROC, nil, &was); err != nil {
		return err
	}
	limit.Max = was.Max
	if err := unix.Prlimit(pid, unix.RLIMIT_NPROC, &limit, nil); err != nil {
		return err
	}
	_, err = fault.Map(ctx, x, every("kill", 3), strategies.Options{}) // one more than live workers
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
