package suite

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// plainly returns a workload without parameters, as a user may add it.
func plainly() workloads.Workload {
	number := raw.One[uint64]()
	k := strategies.Kernel[uint64, uint64]{Name: "plain", Func: func(_ context.Context, x uint64) (uint64, error) { return x, nil }, In: number, Out: number}
	return workloads.Of("does nothing", k, func(i int) uint64 { return uint64(i) })
}

// TestEveryWorkloadHasASweep checks that payoff can make a suite from every workload. The suite
// must fit the machine, and its name must have the sizes that payoff chose.
func TestEveryWorkloadHasASweep(t *testing.T) {
	c := testCatalog(2)
	c.Workloads = append(c.Workloads, plainly())
	for _, w := range c.Workloads {
		s, err := ParseSweep("workload="+w.Name, c.Workloads)
		if err != nil {
			t.Fatal(err)
		}
		if !IsSweep(s.String()) || len(s.Sizes) > 0 {
			t.Errorf("%s: %q", w.Name, s)
		}
		s = s.Sized(w, 2*time.Microsecond)
		if again, err := ParseSweep(s.String(), c.Workloads); err != nil || again.String() != s.String() {
			t.Errorf("%s: parsed as %v, %v", s, again, err)
		}
		made, err := s.Suite(w, []string{"pool", "steal", "procs", "unknown"}, time.Microsecond)
		if err != nil {
			t.Errorf("%s: got error %v", w.Name, err)
			continue
		}
		blocks, err := c.Matrix([]Suite{made}, nil)
		if err != nil {
			t.Errorf("%s: got error %v", w.Name, err)
		}
		if want := max(1, len(s.Sizes)); len(blocks) != want || made.Name != w.Name {
			t.Errorf("%s: suite %s has %d blocks, want %d", w.Name, made.Name, len(blocks), want)
		}
		for i, b := range blocks {
			if len(s.Sizes) > 0 && b.Task.Grain+b.Task.Batch != s.Sizes[i] {
				t.Errorf("%s: block %d is %s", w.Name, i, b.Task)
			}
		}
		var cells []string
		for _, cell := range blocks[0].Cells {
			cells = append(cells, fmt.Sprintf("%s %s", cell.Strategy, cell.Chunk))
		}
		if got, want := strings.Join(cells, ", "), "direct 1, pool 1, pool auto, steal 1, steal auto, procs 1, procs auto"; !w.Waits && got != want {
			t.Errorf("%s: cells %s, want %s", w.Name, got, want)
		}
	}
}

// TestSizesOfASweep checks that the sizes begin with the smallest possible task, which has one
// input or the finest grain. They must end with tasks for which handing over costs little.
func TestSizesOfASweep(t *testing.T) {
	plain := plainly()
	for _, c := range []struct {
		work time.Duration
		want []int
		most time.Duration // budget
	}{
		{1, []int{1, 16, 256, 4096}, time.Minute},
		{150, []int{1, 8, 64, 512}, time.Minute},
		{time.Microsecond, []int{1, 4, 16, 64}, time.Minute},
		{5 * time.Microsecond, []int{1, 4, 16}, time.Minute},
		{100 * time.Microsecond, []int{1, 2, 4}, time.Minute},
		{2 * time.Millisecond, []int{1, 2, 4}, 3 * time.Minute},
		{time.Second, []int{1, 2}, 15 * time.Minute},
		{0, []int{1}, time.Minute},
	} {
		s := Sweep{Workload: plain.Name, Key: "batch"}.Sized(plain, c.work)
		made, err := s.Suite(plain, []string{"pool"}, c.work)
		if err != nil || !slices.Equal(s.Sizes, c.want) || made.Budget < 50*time.Second || made.Budget >= c.most {
			t.Errorf("one input takes %v: batches %v, want %v; budget %v, %v", c.work, s.Sizes, c.want, made.Budget, err)
		}
	}
	table := testCatalog(2).Workloads
	for name, want := range map[string]string{
		"spin": "workload=spin,grain=250,2000,16000,128000", "json": "workload=json,grain=30000,60000,120000", "mirror": "workload=mirror",
	} {
		s, err := ParseSweep("workload="+name, table)
		w, _ := harness.Find(table, "workload", name, func(w workloads.Workload) string { return w.Name })
		if got := s.Sized(w, 0).String(); err != nil || got != want {
			t.Errorf("%s, want %s; %v", got, want, err)
		}
	}
	given := Sweep{Workload: "plain", Key: "batch", Sizes: []int{3}}
	if got := given.Sized(plain, time.Second); !slices.Equal(got.Sizes, given.Sizes) {
		t.Errorf("sizes that are given became %v", got.Sizes)
	}
}

func TestBadSweeps(t *testing.T) {
	table := append(testCatalog(2).Workloads, plainly())
	for name, want := range map[string]string{
		"workload=":                 `unknown workload ""`,
		"workload=jsn":              `unknown workload "jsn": did you mean json?`,
		"workload=spin,batch=4":     `"batch=4" follows workload spin; want grain= and sizes, such as grain=1000,4000`,
		"workload=plain,grain=4":    `want batch= and sizes`,
		"workload=plain,4":          `want batch= and sizes`,
		"workload=plain,batch":      `batch has ""`,
		"workload=plain,batch=4,":   `batch has ""`,
		"workload=plain,batch=4,-1": `batch has "-1"; write whole numbers from 1 up`,
		"workload=mirror,batch=4":   `want nothing after the workload`,
	} {
		if _, err := ParseSweep(name, table); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	large := Sweep{Workload: "plain", Key: "batch", Sizes: []int{workloads.MaxBatch + 1}}
	if _, err := large.Suite(plainly(), []string{"pool"}, 1); err == nil || !strings.Contains(err.Error(), "is not between 1 and 65536") {
		t.Errorf("a batch that is too large: %v", err)
	}
	same := Sweep{Workload: "plain", Key: "batch", Sizes: []int{4, 4}}
	if _, err := same.Suite(plainly(), []string{"pool"}, 1); err == nil {
		t.Error("a size twice: no error")
	}
	if _, err := same.Suite(plainly(), nil, 1); err == nil {
		t.Error("no strategy: no error")
	}
}
