package probe

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/affinity"
)

// TestTaken keeps all cores busy by other processes. In one case, the first thread of this process
// is pinned to one core, as after the control of the round trip. The test checks only a lower
// bound, because the machine may also be busy with other work.
func TestTaken(t *testing.T) {
	cores, err := affinity.Cores(0)
	if err != nil {
		t.Skip(err)
	}
	if len(cores) != runtime.NumCPU() {
		t.Fatalf("%d cores of %d", len(cores), runtime.NumCPU())
	}
	for range cores {
		c := exec.Command("sh", "-c", "while :; do :; done")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { c.Process.Kill(); c.Wait() }()
	}
	if err := pinFirst(cores[:1]); err != nil {
		t.Fatal(err)
	}
	defer pinFirst(cores)
	others, apart := Taken(false, 0), Taken(true, 0)
	for began := time.Now(); time.Since(began) < 300*time.Millisecond; {
	}
	all, ok := others().Values[harness.UnitTaken]
	rest, known := apart().Values[harness.UnitTaken]
	if !ok || !known || all < rest+0.02 || all < 0.1 {
		t.Errorf("others took %v, and without the loops, which are below this process, %v", all, rest)
	}
}

// pinFirst keeps the first thread of this process to cores.
func pinFirst(cores []int) error {
	var mask unix.CPUSet
	for _, core := range cores {
		mask.Set(core)
	}
	return unix.SchedSetaffinity(os.Getpid(), &mask)
}
