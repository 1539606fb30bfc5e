package profile

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// TestLedger checks that a merged profile keeps the account of each cell, and that the parts of a ledger
// and of a budget add up to the makespan times the cores.
func TestLedger(t *testing.T) {
	var launches []Launch
	for _, strategy := range []string{"procs", "pool"} {
		dir := t.TempDir()
		made(t, filepath.Join(dir, "launch-5.cpu"), map[string]int64{kernel + claim: 100, claim: 30, control: 50})
		account, ok := NewAccount(2, map[string]float64{
			harness.UnitCPU: 1.35e6, harness.UnitIdle: float64(len(strategy)) * 1e5, harness.UnitWaited: 12.5, harness.UnitVoluntary: 0.25,
		})
		if !ok {
			t.Fatal("no account")
		}
		cell := harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000}, Strategy: strategy, Cores: 2, Workers: 2, Chunk: "1", Order: harness.MapOrder}
		launches = append(launches, Launch{Cell: cell, Kind: "cpu", Dir: dir, Tasks: 1000, Wall: time.Second, Account: account})
	}
	var b bytes.Buffer
	if _, err := Merge(&b, launches); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cpu.pb.gz")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	sides, err := Read(path)
	if err != nil || len(sides) != 2 {
		t.Fatalf("%d sides, %v", len(sides), err)
	}
	d, err := Compare(sides[0], sides[1])
	if err != nil {
		t.Fatal(err)
	}
	l, ok := d.Ledger()
	near := func(a, b float64) bool { return math.Abs(a-b) < 1 }
	if !ok || !near(l.Core.A, 1.85e6) || !near(l.Core.B, 1.75e6) || l.Waited.A != 12.5 || l.Blocks.B != 0.25 {
		t.Errorf("ledger %+v", l)
	}
	if !near(l.CPU.A+l.Rest.A+l.Idle.A, l.Core.A) || !near(l.CPU.Diff()+l.Rest.Diff()+l.Idle.Diff(), l.Core.Diff()) {
		t.Errorf("the parts of the ledger do not add up: %+v", l)
	}
	budget, ok := sides[0].Budget()
	sum := budget.Rest + budget.Idle
	for _, s := range budget.Stages {
		sum += s.Value
	}
	if !ok || !near(sum, budget.Core()) || !near(budget.Rest, 0.05e6) {
		t.Errorf("budget %+v", budget)
	}

	if _, ok := NewAccount(2, map[string]float64{harness.UnitCPU: 1}); ok {
		t.Error("an account without idle time")
	}
	old, err := Read(merged(t)) // a profile without accounts
	if err != nil {
		t.Fatal(err)
	}
	d, err = Compare(old[0], old[1])
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Ledger(); ok {
		t.Error("a ledger without accounts")
	}
	if _, ok := old[0].Budget(); ok {
		t.Error("a budget without an account")
	}
}
