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

// TestUnpinned checks that payoff can measure if the system does not let it pin processes to cores,
// as in some sandboxes. payoff must report the reason.
func TestUnpinned(t *testing.T) {
	dir := t.TempDir()
	doctor, err := without(unix.SYS_SCHED_SETAFFINITY, dir, "doctor")
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("doctor: %v", err)
	}
	run, err := without(unix.SYS_SCHED_SETAFFINITY, dir, "run", "-v", "smoke", "--rounds", "1", "--filter", "workload:spin strategy:pool", "--out", "out")
	if err != nil {
		t.Errorf("run: %v\n%s", err, run)
	}
	info, err := os.ReadFile(filepath.Join(dir, "out", "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ in, text, want string }{
		{"doctor", doctor, "wrong    pinning     pinning to cores is not available: sched_setaffinity: operation not permitted"},
		{"report", run, "Pinning to cores is not available: sched_setaffinity: operation not permitted; only GOMAXPROCS limits the number"},
		{"run.json", string(info), `"Pinned": false`},
	} {
		if !strings.Contains(c.text, c.want) {
			t.Errorf("%s has no %q:\n%s", c.in, c.want, c.text)
		}
	}
}

// TestUncounted checks that payoff can measure if the kernel does not permit perf counters. The
// samples have times but no counts, and run.json has the reason and a remedy.
func TestUncounted(t *testing.T) {
	dir := t.TempDir()
	doctor, err := without(unix.SYS_PERF_EVENT_OPEN, dir, "doctor")
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("doctor: %v", err)
	}
	if run, err := without(unix.SYS_PERF_EVENT_OPEN, dir, "run", "smoke", "--rounds", "1", "--filter", "workload:spin strategy:pool", "--out", "out"); err != nil {
		t.Errorf("run: %v\n%s", err, run)
	}
	info, err := os.ReadFile(filepath.Join(dir, "out", "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	samples, err := os.ReadFile(filepath.Join(dir, "out", "samples.txt"))
	if err != nil {
		t.Fatal(err)
	}
	const (
		reason = "operation not permitted; set kernel.perf_event_paranoid to 2 or less"
		why    = "hardware counters: " + reason
	)
	for _, c := range []struct{ in, text, want string }{
		{"doctor", doctor, "wrong    counters    " + reason},
		{"run.json", string(info), `"instructions/task": "` + why},
		{"run.json", string(info), `"cycles/task": "` + why},
		{"run.json", string(info), `"cache-misses/task": "` + why},
		{"samples.txt", string(samples), " cpu-nsec/task "},
	} {
		if !strings.Contains(c.text, c.want) {
			t.Errorf("%s has no %q:\n%s", c.in, c.want, c.text)
		}
	}
	if strings.Contains(string(samples), "instructions/task") {
		t.Error("samples.txt has numbers of instructions, which payoff could not count")
	}
}

// without runs payoff with a seccomp filter that refuses one system call. The process inherits the
// filter from the thread that starts it; that thread ends with its goroutine.
func without(call uint32, dir string, args ...string) (printed string, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err = refuse(call); err != nil {
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

// refuse makes a system call fail with EPERM, for this thread and for all processes and threads that
// it starts.
func refuse(call uint32) error {
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // load the number of the call
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
