//go:build unix

package procs

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestOrphans checks that workers end when their parent ends for any reason. Workers of pools that
// their tasks have created end too.
func TestOrphans(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("looks into /proc")
	}
	for _, start := range []string{"exec", "helper"} {
		t.Run(start, func(t *testing.T) { orphans(t, start) })
	}
}

func orphans(t *testing.T, start string) {
	parent := exec.Command(os.Args[0], "parent", start)
	out, err := parent.StdoutPipe()
	if err == nil {
		err = parent.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	lines := bufio.NewScanner(out)
	for len(pids) < 3 && lines.Scan() {
		pid, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Errorf("got the line %q from the parent, want a process id", lines.Text())
		}
		pids = append(pids, pid)
	}
	parent.Process.Kill()
	parent.Wait()
	deadline := time.Now().Add(20 * time.Second)
	for _, pid := range pids {
		for runs(pid) {
			if time.Now().After(deadline) {
				t.Fatalf("worker %d still runs", pid)
			}
			time.Sleep(time.Millisecond)
		}
	}
	if len(pids) != 3 {
		t.Errorf("got process ids %v, want those of 3 workers", pids)
	}
}

// runs reports whether the process pid exists and is not a zombie. A zombie counts as ended, since
// its new parent may reap it late.
func runs(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(b), ") ")
	return !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}
