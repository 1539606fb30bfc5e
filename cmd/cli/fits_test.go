package cli

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

func TestFitting(t *testing.T) {
	cell := func(strategy string, memory, workers int) harness.Cell {
		return harness.Cell{Task: harness.Task{Workload: "alloc", Memory: memory}, Strategy: strategy, Workers: workers, Cores: 2, Chunk: "1"}
	}
	block := func(memory, workers int) harness.Block {
		return harness.Block{Cells: []harness.Cell{cell(harness.Direct, memory, 1), cell("pool", memory, workers), cell(harness.Processes, memory, workers)}}
	}
	for name, c := range map[string]struct {
		blocks []harness.Block
		memory int64
		limits harness.Limits
		cells  []int  // cells left in each block
		want   string // part of the notes; "" for none
	}{
		"no limits":                {[]harness.Block{block(64<<20, 2)}, 0, harness.Limits{}, []int{3}, ""},
		"a large machine":          {[]harness.Block{block(64<<20, 2)}, 1 << 34, harness.Limits{}, []int{3}, ""},
		"memory for one heap":      {[]harness.Block{block(64<<20, 2)}, 1 << 34, harness.Limits{Memory: 300 << 20}, []int{2}, "procs (chunk 1) (it needs about 352 MiB of memory, and the control group is limited to 300 MiB)"},
		"memory for no heap":       {[]harness.Block{block(0, 2), block(1<<30, 2)}, 1 << 30, harness.Limits{}, []int{3}, "this machine has 1024 MiB"},
		"many workers":             {[]harness.Block{block(0, 100)}, 1 << 30, harness.Limits{}, []int{2}, "procs (chunk 1, 100 workers)"},
		"few processes":            {[]harness.Block{block(0, 2)}, 0, harness.Limits{Processes: 24}, []int{2}, "about 48 processes and threads, and the control group is limited to 24 (pids.max)"},
		"no processes":             {[]harness.Block{block(0, 2)}, 0, harness.Limits{Processes: 20}, nil, "pids.max"},
		"little address space":     {[]harness.Block{block(0, 2)}, 0, harness.Limits{Space: 400 << 20}, nil, "ulimit -v unlimited"},
		"address space to spare":   {[]harness.Block{block(0, 2)}, 0, harness.Limits{Space: 4 << 30}, []int{3}, ""},
		"a limit above the memory": {[]harness.Block{block(64<<20, 2)}, 200 << 20, harness.Limits{Memory: 1 << 34}, []int{2}, "this machine has 200 MiB"},
	} {
		kept, left, err := fitting(c.blocks, c.memory, c.limits)
		var cells []int
		for _, b := range kept {
			cells = append(cells, len(b.Cells))
		}
		notes := strings.Join(leftOut(left), "\n")
		if !slices.Equal(cells, c.cells) || (err == nil) != (c.cells != nil) || !strings.Contains(notes, c.want) || (notes == "") != (c.want == "") {
			t.Errorf("%s: cells %v, %v, notes:\n%s", name, cells, err, notes)
		}
	}
}

func TestLockPaths(t *testing.T) {
	env := map[string]string{"XDG_RUNTIME_DIR": "/run/user/7", "TMPDIR": "/tmp"}
	if got := lockPaths(func(name string) string { return env[name] }); !slices.Equal(got, []string{lockPath, "/run/user/7/payoff.lock"}) {
		t.Errorf("got %q", got)
	}
	env[lockEnv] = "/srv/lock"
	if got := lockPaths(func(name string) string { return env[name] }); !slices.Equal(got, []string{"/srv/lock"}) {
		t.Errorf("got %q", got)
	}
}

func TestIntact(t *testing.T) {
	if err := intact("--inputs", "größe/输入"); err != nil {
		t.Error(err)
	}
	if err := intact("--inputs", "d\xff/x"); err == nil || !strings.Contains(err.Error(), `--inputs contains bytes that are not UTF-8: "d\xff/x"`) {
		t.Error(err)
	}
}

func TestOfQuota(t *testing.T) {
	few := &harness.CoresError{Want: 2, Have: 1}
	if err := ofQuota(few, harness.Limits{CPU: 1.5}); !errors.Is(err, few) || !strings.HasSuffix(err.Error(), "; a quota limits the CPU time to that of 1.5 cores") {
		t.Error(err)
	}
	if err := ofQuota(few, harness.Limits{}); err != few {
		t.Error(err)
	}
}
