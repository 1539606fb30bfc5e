package analyze

import (
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

// TestAccount checks a job with 100 ns of work and a makespan of 80 ns per task on two cores: the
// 160 ns of core time are 100 ns of kernel, 30 ns of other CPU time and 30 ns idle.
func TestAccount(t *testing.T) {
	loop := harness.Cell{Task: harness.Task{Workload: "spin", Grain: 100}, Cores: 2, Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder}
	pool := loop
	pool.Strategy, pool.Workers = "pool", 2
	bare := pool
	bare.Strategy = "bare"
	var samples []harness.Sample
	for round := range 6 {
		add := func(c harness.Cell, values map[string]float64) {
			samples = append(samples, harness.Sample{Cell: c, Round: round, Values: values})
		}
		add(loop, map[string]float64{harness.UnitTask: 100, harness.UnitCPU: 100, harness.UnitIdle: 100})
		add(pool, map[string]float64{
			harness.UnitTask: 80, harness.UnitCPU: 130, harness.UnitIdle: 30, harness.UnitSystem: 10, harness.UnitWaited: 5,
			harness.UnitVoluntary: 0.2, harness.UnitInvoluntary: 0.1, harness.UnitMinor: 0.5, harness.UnitMajor: 0,
			harness.UnitAllocs: 2, harness.UnitPSS: 1 << 20, harness.UnitTasks: 64, harness.UnitFirst: 64 * 95,
		})
		add(bare, map[string]float64{harness.UnitTask: 80})
	}
	a := New(harness.Info{}, samples, Settings{})
	if !a.Sections[0].Has(func(a Account) Estimate { return a.CPU }) {
		t.Fatal("no account")
	}
	accounts := map[string]Account{}
	for _, r := range a.Questions()[0].Rows {
		accounts[r.Cell.Strategy] = r.Account
	}
	got := accounts["pool"]
	for name, c := range map[string]struct {
		e    Estimate
		want float64
	}{
		"cold": {got.Cold, 95}, "warm": {got.Warm, 80}, "granularity": {got.Granularity, 160}, "work": {got.Work, 100}, "cpu": {got.CPU, 130}, "other": {got.Other, 30}, "idle": {got.Idle, 30},
		"system": {got.System, 10}, "ready": {got.Ready, 5}, "switches": {got.Switches, 0.3}, "faults": {got.Faults, 0.5},
		"allocs": {got.Allocs, 2}, "memory": {got.Memory, 1 << 20}, "idle of direct": {accounts[harness.Direct].Idle, 100},
	} {
		if d := c.e.Value - c.want; c.e.N != 6 || d > 1e-9 || d < -1e-9 {
			t.Errorf("%s: %+v, want %v", name, c.e, c.want)
		}
	}
	if b := accounts["bare"]; b.CPU.Known() || b.Idle.Known() || b.Memory.Known() || !b.Granularity.Known() {
		t.Errorf("a cell without CPU time: %+v", b)
	}
}

// TestOtherTimeIsPaired checks that CPU time is compared with the direct loop of the same turn, so
// that a change of machine speed between turns is not attributed to the strategy.
func TestOtherTimeIsPaired(t *testing.T) {
	loop := harness.Cell{Task: harness.Task{Workload: "spin", Grain: 100}, Cores: 2, Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder}
	pool := loop
	pool.Strategy, pool.Workers = "pool", 2
	var samples []harness.Sample
	for round := range 7 {
		pace := float64(1 + round%3)
		samples = append(samples,
			harness.Sample{Cell: pool, Round: round, Values: map[string]float64{harness.UnitTask: 55 * pace, harness.UnitCPU: 100*pace + 3}},
			harness.Sample{Cell: loop, Round: round, Values: map[string]float64{harness.UnitTask: 100 * pace, harness.UnitCPU: 100 * pace}},
			harness.Sample{Cell: loop, Round: round, Twin: true, Values: map[string]float64{harness.UnitTask: 900, harness.UnitCPU: 900}})
	}
	for _, r := range New(harness.Info{}, samples, Settings{}).Questions()[0].Rows {
		if o := r.Account.Other; r.Cell == pool && (o.Value != 3 || o.Lo != 3 || o.Hi != 3) {
			t.Errorf("%+v", o)
		}
	}
}
