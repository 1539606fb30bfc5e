package analyze_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// accounted returns samples of pool and procs on two cores, with tasks of 1 µs. Compared with pool,
// procs uses 300 ns more in the operating system and 100 ns more of other CPU time, and idles 50 ns
// less. Each round is slower or faster by up to 10 %.
func accounted(rounds int, units ...string) (samples []harness.Sample, pool, procs harness.Cell) {
	task := harness.Task{Workload: "spin", Grain: 1000}
	loop := harness.Cell{Task: task, Cores: 2, Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder}
	pool, procs = loop, loop
	pool.Strategy, pool.Workers, procs.Strategy, procs.Workers = "pool", 2, harness.Processes, 2
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		drift := 0.9 + 0.2*rng.Float64()
		for _, c := range []struct {
			cell              harness.Cell
			cpu, system, idle float64
		}{{loop, 1000, 0, 1000}, {pool, 1100, 0, 100}, {procs, 1500, 300, 50}} {
			noise := 1 + 0.004*(rng.Float64()-0.5)
			all := map[string]float64{
				harness.UnitCPU: drift * noise * c.cpu, harness.UnitSystem: drift * c.system, harness.UnitIdle: drift * c.idle,
				harness.UnitGCShare: 0, harness.UnitVoluntary: c.system / 1000, harness.UnitInvoluntary: 0,
			}
			values := map[string]float64{harness.UnitTask: (all[harness.UnitCPU] + all[harness.UnitIdle]) / 2, harness.UnitTasks: 1000}
			for unit, v := range all {
				if len(units) == 0 || slices.Contains(units, unit) {
					values[unit] = v
				}
			}
			samples = append(samples, harness.Sample{Cell: c.cell, Round: round, Reps: 3, Values: values})
		}
	}
	return samples, pool, procs
}

// TestDifference checks that the parts of a difference are those of the samples, the largest first,
// and add up to it.
func TestDifference(t *testing.T) {
	for _, rounds := range []int{6, 16} {
		samples, pool, procs := accounted(rounds)
		d := analyze.New(harness.Info{}, samples, analyze.Settings{}).Difference(procs, pool)
		near := func(name string, c analyze.Change, want float64) {
			t.Helper()
			if c.N != rounds || math.Abs(c.Value-want) > 0.06*math.Abs(want)+3 || !(c.Lo <= c.Value && c.Value <= c.Hi) {
				t.Errorf("%d rounds: %s is %+v, want about %v", rounds, name, c, want)
			}
		}
		near("the total", d.Total, 350)
		want := map[string]float64{analyze.PartSystem: 300, analyze.PartUser: 100, analyze.PartIdle: -50, analyze.PartRest: 0}
		sum, last := 0.0, math.Inf(1)
		for _, p := range d.Parts {
			near(p.Name, p.Change, want[p.Name])
			sum += p.Change.Value
			if math.Abs(p.Change.Value) > last {
				t.Errorf("%s is larger than the part before it", p.Name)
			}
			last = math.Abs(p.Change.Value)
			if p.Change.Resolved() != (p.Name != analyze.PartRest) {
				t.Errorf("%d rounds: %s is %+v, resolved %v", rounds, p.Name, p.Change, p.Change.Resolved())
			}
		}
		if len(d.Parts) != len(want) || sum < d.Total.Lo || sum > d.Total.Hi {
			t.Errorf("%d parts add up to %v, the difference is %+v", len(d.Parts), sum, d.Total)
		}
	}
}

// TestDifferenceWithoutSystem checks a difference without the time in the operating system: it is
// divided into the other parts. A difference without CPU time is not divided.
func TestDifferenceWithoutSystem(t *testing.T) {
	for _, c := range []struct {
		units []string
		parts []string
		note  string
	}{
		{[]string{harness.UnitCPU, harness.UnitIdle}, []string{analyze.PartUser, analyze.PartIdle, analyze.PartRest}, ""},
		{[]string{harness.UnitSystem}, nil, "not divided"},
	} {
		samples, pool, procs := accounted(6, c.units...)
		d := analyze.New(harness.Info{}, samples, analyze.Settings{}).Difference(procs, pool)
		var names []string
		for _, p := range d.Parts {
			names = append(names, p.Name)
		}
		if !slices.Equal(names, c.parts) || !d.Total.Resolved() || c.note != "" && (len(d.Notes) == 0 || !strings.Contains(string(d.Notes[0]), c.note)) {
			t.Errorf("%v: parts %v, total %+v, notes %q", c.units, names, d.Total, d.Notes)
		}
	}
}

// TestDifferenceAcrossBlocks checks that cells of different blocks are compared with their own
// direct loops.
func TestDifferenceAcrossBlocks(t *testing.T) {
	samples, pool, procs := accounted(6)
	var apart []harness.Sample
	for _, s := range samples {
		switch {
		case s.Cell == procs:
			s.Block = 1
		case s.Cell.Strategy == harness.Direct:
			twice := s
			twice.Block = 1
			apart = append(apart, twice)
		}
		apart = append(apart, s)
	}
	d := analyze.New(harness.Info{}, apart, analyze.Settings{}).Difference(procs, pool)
	if d.Total.N != 6 || math.Abs(d.Total.Value-350) > 25 || len(d.Notes) == 0 {
		t.Errorf("total %+v, notes %q", d.Total, d.Notes)
	}
}

// TestPair checks the choice of cells by name.
func TestPair(t *testing.T) {
	samples, pool, procs := accounted(6)
	wide := pool
	wide.Workers = 16
	for _, s := range samples[:6] {
		if s.Cell == pool {
			s.Cell = wide
			samples = append(samples, s)
		}
	}
	a := analyze.New(harness.Info{}, samples, analyze.Settings{})
	for _, c := range []struct{ workload, one, other, unknown string }{
		{"spin", "procs", "pool", ""},
		{"spin", "procs", "pool/16w", ""},
		{"spin", "procs", "direct", ""},
		{"spinn", "procs", "pool", "workload spinn is not in the run; the run has spin"},
		{"spin", "procs", "pol", "strategy pol is not in the run; the run has direct, pool, pool/16w, procs"},
	} {
		one, other, err := a.Pair(c.workload, 5000, c.one, c.other)
		var unknown *analyze.NameError
		switch {
		case c.unknown != "":
			if !errors.As(err, &unknown) || err.Error() != c.unknown {
				t.Errorf("%v: %v", c, err)
			}
		case err != nil || one != procs || analyze.Short(other) != c.other:
			t.Errorf("%v: %v, %v, %v", c, one, other, err)
		}
	}
}
