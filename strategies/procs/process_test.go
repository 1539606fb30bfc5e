//go:build unix

package procs

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
)

// starved matches the standard error of a worker that gets no more memory for its heap, a thread or
// the garbage collector.
var starved = regexp.MustCompile("memory|pthread_create|SIGSEGV")

func TestProcess(t *testing.T) {
	c := config(1)
	c.Process.Nice, c.Process.CPUs, c.Process.Procs = 5, []int{0}, 3
	x := newExecutor(t, c)
	out, err := fault.Map(t.Context(), x, []string{"nice"}, strategies.Options{})
	here, _ := unix.Getpriority(unix.PRIO_PROCESS, 0) // 20 minus the nice value
	if err != nil || out[0] != fmt.Sprintf("nice %d, CPUs 0, GOMAXPROCS 3", min(20-here+5, 19)) {
		t.Error(out, err)
	}
	if !raceEnabled { // the race detector needs more memory
		c = config(1)
		c.Process.Memory = 64 << 20
		x = newExecutor(t, c)
		_, err = fault.Map(t.Context(), x, append(every("leak", 60), "1"), strategies.Options{})
		var e *strategies.JobError
		var lost *strategies.LostError
		if !errors.As(err, &e) || !errors.As(err, &lost) || !starved.MatchString(lost.Stderr) || slices.Collect(e.Failures())[0].Worker.PID == 0 {
			t.Error(err)
		}
	}
	for _, p := range []Process{{Nice: 20}, {Nice: -1}, {Memory: 1}, {CPUs: []int{-1}}, {Procs: -1}, {Env: []string{"A=b", "secret"}}, {Env: []string{"=secret"}}, {Env: []string{"A=secret\x00"}}} {
		c := config(1)
		c.Process = p
		var option *strategies.OptionError
		if _, err := New(t.Context(), c); !errors.As(err, &option) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v", p, err)
		}
	}
	for _, bad := range []struct {
		given  Process
		option string
		cause  error
	}{
		{Process{CPUs: []int{1023}}, "cpus", unix.EINVAL},
		{Process{Dir: "/nowhere"}, "dir", unix.ENOENT},
		{Process{Dir: os.Args[0]}, "dir", unix.ENOTDIR},
	} {
		c = config(1)
		c.Process = bad.given
		var start *StartError
		_, err := New(t.Context(), c)
		if !errors.As(err, &start) || start.Option != bad.option || !errors.Is(err, bad.cause) || strings.Contains(err.Error(), "go build") {
			t.Errorf("%+v: %v", bad.given, err)
		}
	}
}
