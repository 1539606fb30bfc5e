package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/strategies/procs"
)

// TestClaimCells checks that the cells of each claim, as [analyze.ClaimCells] selects them from the
// suite claims, test the claim, and that they are not the whole suite.
func TestClaimCells(t *testing.T) {
	s, err := suite.Load("claims")
	if err != nil {
		t.Fatal(err)
	}
	p := program(procs.Config{})
	blocks, err := suite.Catalog{Strategies: p.Strategies, Workloads: p.Workloads, Cores: 2, Lacking: func(harness.Cell, error) {}}.Matrix([]suite.Suite{s}, []int{2})
	if err != nil {
		t.Fatal(err)
	}
	set := analyze.Settings{Waits: func(name string) bool { return name == "sleep" }}
	used := map[harness.Cell]bool{}
	for _, id := range analyze.ClaimIDs() {
		if analyze.ClaimCells(id) == "" {
			t.Errorf("%s has no cells", id)
			continue
		}
		f, err := suite.ParseFilter(analyze.ClaimCells(id))
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		var samples []harness.Sample
		for round := range 6 {
			for k, b := range blocks {
				cells := slices.DeleteFunc(slices.Clone(b.Cells[1:]), func(c harness.Cell) bool { return !f.Selects(c) })
				if len(cells) == 0 {
					continue
				}
				for _, c := range append(cells, b.Cells[0]) {
					used[c] = true
					samples = append(samples, harness.Sample{Cell: c, Round: round, Block: k, Values: maps.Clone(everyUnit)})
				}
			}
		}
		if all := analyze.New(harness.Info{}, samples, set).Claims; !slices.ContainsFunc(all, func(c analyze.Claim) bool { return c.ID == id }) {
			t.Errorf("%s: its %d launches do not test it", id, len(samples))
		}
	}
	for _, b := range blocks {
		for _, c := range b.Cells {
			if !used[c] && c.Value("workload")[:3] != "py-" {
				t.Errorf("no claim uses the cell %s", c)
			}
		}
	}
}

// everyUnit has a value in each unit that a claim compares.
var everyUnit = map[string]float64{
	harness.UnitOp: 1e6, harness.UnitTask: 1e3, harness.UnitTasks: 1e3, harness.UnitStart: 1e6, harness.UnitFirst: 1e6,
	harness.UnitPSS: 1e7, harness.UnitFirstResult: 1e5, harness.UnitHeldTasks: 3, harness.UnitConcurrency: 2e3,
	"busiest-tasks/op": 500, "inherited-extra/op": 0, "lost-updates/op": 1,
}
