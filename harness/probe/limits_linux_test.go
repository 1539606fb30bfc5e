package probe

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestLimitsOfScheduling(t *testing.T) {
	stat := func(nice, policy string) string { // as in proc_pid_stat(5): fields 19 and 41
		fields := strings.Fields("7 (x) S" + strings.Repeat(" 0", 49))
		fields[18], fields[40] = nice, policy
		return strings.Join(fields, " ")
	}
	for _, c := range []struct{ nice, policy, want string }{
		{"0", "0", "cores 0-1"},
		{"5", "0", "cores 0-1, nice value 5"},
		{"0", "5", "cores 0-1, scheduling policy idle"},
		{"0", "2", "cores 0-1, scheduling policy rr"},
	} {
		l := fake(t, map[string]string{"proc/7/stat": stat(c.nice, c.policy)}).limits()
		if got := strings.Join(l.Words(), ", "); got != c.want {
			t.Errorf("nice %s, policy %s: %q, want %q", c.nice, c.policy, got, c.want)
		}
	}
}

// TestLimitsOfProcesses checks limits that a process gets from commands such as ionice.
func TestLimitsOfProcesses(t *testing.T) {
	const head = "Limit Soft Limit Hard Limit Units\n"
	for _, c := range []struct {
		file, text string
		io         int
		want       string
	}{
		{"limits", head + "Max stack size  8388608  unlimited  bytes", 0, ""},
		{"limits", head + "Max stack size  16777216  unlimited  bytes", 0, ", 16384 KiB per stack"},
		{"limits", head + "Max stack size  unlimited  unlimited  bytes", 0, ", stacks of unlimited size"},
		{"limits", head + "Max address space  1073741824  unlimited  bytes", 0, ", 1024 MiB of address space per process"},
		{"limits", head + "Max open files  1024  4096  files", 0, ", 1024 open files per process"},
		{"limits", head + "Max open files  unlimited  unlimited  files", 0, ", open files without a limit"},
		{"personality", "00000000", 0, ""},
		{"personality", "00040000", 0, ", no address randomization"},
		{"personality", "00240000", 0, ", personality 240000"},
		{"numa_maps", "7f00 default file=/x\n7f01 bind:0 file=/y", 0, ""},
		{"numa_maps", "7f00 interleave:0-1 file=/x", 0, ", memory policy interleave:0-1"},
		{"timerslack_ns", "50000", 0, ""},
		{"timerslack_ns", "1000", 0, ", timers up to 1000 ns late"},
		{"comm", "x", 2<<13 | 4, ""},
		{"comm", "x", 2<<13 | 7, ", best-effort 7 input and output"},
		{"comm", "x", 1 << 13, ", realtime 0 input and output"},
		{"comm", "x", 3 << 13, ", idle input and output"},
	} {
		s := fake(t, map[string]string{"proc/7/stat": "7 (x) S" + strings.Repeat(" 0", 49), "proc/7/" + c.file: c.text})
		s.io = c.io
		if got := strings.Join(s.limits().Words(), ", "); got != "cores 0-1"+c.want {
			t.Errorf("%s %q, priority %#x: %q, want %q", c.file, c.text, c.io, got, c.want)
		}
	}
	if got := ioWords(2<<13|5, 5); got != "" {
		t.Errorf("the priority that follows from nice value 5: %q", got)
	}
}

// TestReadLimits starts this test under commands that change limits, and checks that the process sees
// them.
func TestReadLimits(t *testing.T) {
	if os.Getenv("PRINT_LIMITS") != "" {
		fmt.Println(strings.Join(ReadLimits().Words(), ", "))
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ command, want string }{
		{"setarch -R", "no address randomization"},
		{"ionice -c 3", "idle input and output"},
		{"sh -c 'ulimit -s 4096; exec \"$@\"' sh", "4096 KiB per stack"},
		{"nice -n 7", "nice value 7"},
	} {
		out, err := exec.Command("sh", "-c", "PRINT_LIMITS=1 exec "+c.command+" \"$0\" -test.run '^TestReadLimits$'", self).Output()
		if errors.As(err, new(*exec.ExitError)) {
			t.Logf("%s cannot run here: %v", c.command, err)
		} else if err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %q, %v, want %q", c.command, out, err, c.want)
		}
	}
}
