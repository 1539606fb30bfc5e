package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestUnpinned measures where no process may be kept to cores, as in a sandbox.
func TestUnpinned(t *testing.T) {
	dir := t.TempDir()
	doctor, err := unpinned(dir, "doctor")
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("doctor: %v", err)
	}
	run, err := unpinned(dir, "run", "smoke", "--rounds", "1", "--filter", "workload:spin strategy:pool", "--out", "out")
	if err != nil {
		t.Errorf("run: %v\n%s", err, run)
	}
	info, err := os.ReadFile(filepath.Join(dir, "out", "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ in, text, want string }{
		{"doctor", doctor, "wrong    pinning     pinning to cores is not available: sched_setaffinity: operation not permitted"},
		{"report", run, "Pinning to cores is not available: sched_setaffinity: operation not permitted; core counts are GOMAXPROCS alone"},
		{"run.json", string(info), `"Pinned": false`},
	} {
		if !strings.Contains(c.text, c.want) {
			t.Errorf("%s has no %q:\n%s", c.in, c.want, c.text)
		}
	}
}

// unpinned runs payoff with a filter on its system calls that refuses sched_setaffinity.
// The program inherits it from the thread that starts it, which ends with its goroutine.
func unpinned(dir string, args ...string) (printed string, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err = refuse(unix.SYS_SCHED_SETAFFINITY); err != nil {
			return
		}
		cmd := exec.Command(filepath.Join(bin, "payoff"), args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PAYOFF_LOCK="+filepath.Join(dir, "lock"))
		var out []byte
		out, err = cmd.CombinedOutput()
		printed = string(out)
	}()
	<-done
	return printed, err
}

// refuse lets this thread, and all that comes from it, have EPERM of a system call.
func refuse(call uint32) error {
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // the number of the call
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: call, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0)
}
