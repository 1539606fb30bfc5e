package launch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

func TestMain(m *testing.M) {
	worker.Main(workloads.Kernels(kernels.All()))
	os.Exit(m.Run())
}

// TestTreeTimeMatchesTheKernel compares the CPU time that a launch reports with the time that the
// kernel counts for the control group of the launch during the same jobs. They must differ by at
// most 1 %: for one thread, several threads, worker processes, and programs that start and end with
// their tasks. The test reads the group's statistics inside the jobs.
func TestTreeTimeMatchesTheKernel(t *testing.T) {
	account := newGroup(t)
	inputs := filepath.Join(t.TempDir(), "inputs")
	if err := os.WriteFile(inputs, []byte("one\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	program := []string{"sh", "-c", "i=0; while [ $i -lt 5000 ]; do i=$((i+1)); done; echo $1", "sh", "{}"}
	table := append(table(), procs.Config{}.Strategy())
	for _, c := range []struct {
		strategy, workload string
		workers, tasks     int
	}{
		{harness.Direct, "spin", 1, 3000},
		{"pool", "spin", 2, 3000},
		{"procs", "spin", 2, 3000},
		{"pool", "command", 2, 8},
	} {
		s := harness.Spec{
			Cell:  harness.Cell{Task: harness.Task{Workload: c.workload}, Strategy: c.strategy, Cores: 2, Workers: c.workers, Chunk: "1", Order: harness.MapOrder},
			Tasks: c.tasks, Seed: 5, MinTime: 60 * time.Millisecond, Dir: t.TempDir(), Worker: worker.Command(), Program: program, Inputs: inputs,
		}
		w := kernels.Command()
		if c.workload != w.Name {
			s.Cell.Grain = 20_000
			for _, w = range kernels.All() {
				if w.Name == c.workload {
					break
				}
			}
		}
		var jobs []time.Duration
		inner := w.New
		w.New = func(p workloads.Params) (workloads.Load, error) {
			load, err := inner(p)
			return &accountedLoad{Load: load, account: account, jobs: &jobs}, err
		}
		r, err := Run(t.Context(), s, table, []workloads.Workload{w})
		if err != nil {
			t.Fatalf("%s on %s: %v", c.strategy, c.workload, err)
		}
		perTask, ok := r.Values[harness.UnitCPU]
		metered := perTask * float64(c.tasks*r.Reps)
		accounted := float64(sum(jobs[len(jobs)-r.Reps:])) // of the timed jobs, which run last
		t.Logf("%s on %s: %d jobs used %.3f ms of CPU time, the kernel reports %.3f ms", c.strategy, c.workload, r.Reps, metered/1e6, accounted/1e6)
		if !ok || math.Abs(metered/accounted-1) > 0.01 {
			t.Errorf("%s on %s: cpu time %v, the kernel reports %v; absent: %v", c.strategy, c.workload, metered, accounted, r.Absent)
		}
	}
}

// An accountedLoad reads the kernel's accounting before and after each job.
type accountedLoad struct {
	workloads.Load
	account func(tree []int) time.Duration
	tree    []int // processes between jobs; found only once because it takes ms
	jobs    *[]time.Duration
}

func (a *accountedLoad) Direct(ctx context.Context) error {
	return a.accounted(func() error { return a.Load.Direct(ctx) })
}

func (a *accountedLoad) Map(ctx context.Context, ex strategies.Executor, o strategies.Options) error {
	return a.accounted(func() error { return a.Load.Map(ctx, ex, o) })
}

func (a *accountedLoad) accounted(job func() error) (err error) {
	if a.tree == nil {
		if a.tree, err = probe.Descendants(os.Getpid()); err != nil {
			return err
		}
		a.tree = append(a.tree, os.Getpid())
	}
	before := a.account(a.tree)
	err = job()
	*a.jobs = append(*a.jobs, a.account(a.tree)-before)
	return err
}

// newGroup moves this process, and processes that it starts later, into a new control group until
// the test ends. It returns a function that reads the CPU time of the group.
func newGroup(t *testing.T) func(tree []int) time.Duration {
	t.Helper()
	above, err := groupFolder()
	if err != nil {
		t.Skip("control groups: ", err)
	}
	dir, err := os.MkdirTemp(above, "payoff-test-")
	if err != nil {
		t.Skip("control groups: ", err)
	}
	enter := func(dir string) error {
		return os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strconv.Itoa(os.Getpid())), 0)
	}
	t.Cleanup(func() {
		if err := errors.Join(enter(above), os.Remove(dir)); err != nil {
			t.Error(err)
		}
	})
	if err := enter(dir); err != nil {
		t.Skip("control groups: ", err)
	}
	return func(tree []int) time.Duration {
		// Reading a thread's clock makes the kernel update its accounting of a running thread.
		for _, pid := range tree {
			if err := unix.ClockGettime(int32(^pid<<3|2), new(unix.Timespec)); err != nil {
				t.Error(err)
			}
		}
		text, err := os.ReadFile(filepath.Join(dir, "cpu.stat"))
		var usec int64
		if err == nil {
			_, err = fmt.Sscanf(string(text), "usage_usec %d", &usec)
		}
		if err != nil {
			t.Error(err)
		}
		return time.Duration(usec) * time.Microsecond
	}
}

// groupFolder returns the folder of this process's version 2 control group, which counts CPU time
// on every system.
func groupFolder() (string, error) {
	groups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	_, path, ok := strings.Cut("\n"+string(groups), "\n0::")
	path, _, _ = strings.Cut(path, "\n")
	mounts, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	defer mounts.Close()
	for lines := bufio.NewScanner(mounts); ok && lines.Scan(); {
		if what, kind, _ := strings.Cut(lines.Text(), " - "); strings.HasPrefix(kind, "cgroup2 ") {
			return filepath.Join(strings.Fields(what)[4], path), nil
		}
	}
	return "", errors.New("version 2 is not mounted")
}
