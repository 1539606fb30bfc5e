package run

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
)

// keep pins all threads of a process to the first n cores that it may use, or to all cores of the
// machine if n is 0.
func keep(pid, n int) error {
	var allowed, mask unix.CPUSet
	if err := unix.SchedGetaffinity(pid, &allowed); err != nil {
		return err
	}
	for cpu := range len(allowed) * 64 {
		if n == 0 || allowed.IsSet(cpu) && mask.Count() < n {
			mask.Set(cpu)
		}
	}
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	for _, t := range threads {
		id, e := strconv.Atoi(t.Name())
		if e == nil {
			e = unix.SchedSetaffinity(id, &mask)
		}
		if !errors.Is(e, unix.ESRCH) { // ESRCH: the thread has ended
			err = errors.Join(err, e)
		}
	}
	return err
}

func TestCoreLostDuringARun(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("it takes two cores to lose one")
	}
	defer func() {
		if err := keep(os.Getpid(), 0); err != nil {
			t.Error(err)
		}
	}()
	s := &sink{}
	r, p := runner(t, s, "robbed")
	for i := range p.Blocks[0].Cells {
		p.Blocks[0].Cells[i].Cores = 2
	}
	_, err := r.Run(t.Context(), p)
	var lost *harness.CoresError
	if !errors.As(err, &lost) || lost.Want != 2 || lost.Have != 1 || !strings.Contains(err.Error(), "the machine changed after") {
		t.Errorf("the run returned %v", err)
	}
	for _, x := range s.samples {
		if x.Cell.Strategy == "robbed" {
			t.Errorf("a sample of the launch that lost a core: %+v", x)
		}
	}
}
