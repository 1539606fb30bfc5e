package analyze

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

// limited returns samples of rounds in which serial takes speedUp times as long as pool, on tasks
// of the given number of grains.
func limited(rng *rand.Rand, rounds, grains int, speedUp, noise float64) (samples []harness.Sample, limits []Limit) {
	for round := range rounds {
		limits = nil
		for block := range grains {
			drift := math.Exp(0.1 * rng.Float64())
			add := func(strategy string, ns float64) harness.Cell {
				c := harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000 * (block + 1)}, Strategy: strategy, Cores: 2, Workers: 1, Chunk: "1", Order: harness.MapOrder}
				v := ns * drift * math.Exp(noise*rng.NormFloat64())
				samples = append(samples, harness.Sample{Cell: c, Round: round, Block: block, Values: map[string]float64{harness.UnitTask: v}})
				return c
			}
			add(harness.Direct, 1000)
			b, a := add("serial", 1000), add("pool", 1000/speedUp)
			limits = append(limits, Limit{A: a, B: b, Ratio: 1 / 1.6})
		}
	}
	return samples, limits
}

func TestLimits(t *testing.T) {
	for speedUp, want := range map[float64]Verdict{1.8: Better, 1.6: Unresolved, 1.4: Worse} {
		samples, limits := limited(rand.New(rand.NewPCG(1, 2)), 8, 3, speedUp, 0.01)
		for _, c := range Limits(harness.Info{}, samples, Settings{}, limits) {
			ratio := c.Ratio.Under(1)
			if c.Verdict != want || c.Ratio.N != 8 || math.Abs(ratio.Value/speedUp-1) > 0.03 || !(ratio.Lo < ratio.Value && ratio.Value < ratio.Hi) {
				t.Errorf("speed-up %v: %v, %v", speedUp, c.Verdict, ratio)
			}
			if within := ratio.Lo < 1.6 && ratio.Hi > 1.6; within != (c.Verdict == Unresolved) {
				t.Errorf("speed-up %v: the verdict %v contradicts the interval %v", speedUp, c.Verdict, ratio)
			}
		}
	}
	samples, limits := limited(rand.New(rand.NewPCG(1, 2)), 5, 1, 3, 0.01)
	limits = append(limits, Limit{A: limits[0].A, B: harness.Cell{Strategy: "absent"}, Ratio: 1})
	got := Limits(harness.Info{}, samples, Settings{}, limits)
	if got[0].Verdict != Unresolved || got[0].Leans != Better {
		t.Errorf("five rounds: %v, leans %v; want unresolved, better", got[0].Verdict, got[0].Leans)
	}
	if got[1].Ratio.Known() || got[1].Verdict != Unresolved {
		t.Errorf("cells that were not measured together: %v, %v", got[1].Verdict, got[1].Ratio)
	}
	for i, s := range samples {
		if s.Cell.Strategy == "pool" {
			samples[i].Marks = []string{harness.MarkStarved}
		}
	}
	if c := Limits(harness.Info{}, samples, Settings{}, limits[:1])[0]; c.Verdict != Unresolved || c.Held == "" {
		t.Errorf("starved launches: %v, %q", c.Verdict, c.Held)
	}
}

// TestLimitsRarelyDecideByChance simulates runs whose true speed-up equals the limit. It checks
// that few of these runs have a verdict about any of their limits.
func TestLimitsRarelyDecideByChance(t *testing.T) {
	const runs = 200
	for _, rounds := range []int{6, 14} {
		decided := 0
		for seed := range uint64(runs) {
			samples, limits := limited(rand.New(rand.NewPCG(seed, 3)), rounds, 5, 1.6, 0.02)
			for _, c := range Limits(harness.Info{}, samples, Settings{}, limits) {
				if c.Verdict != Unresolved {
					decided++
					break
				}
			}
		}
		if share := float64(decided) / runs; share > 0.08 { // 5 % and two standard errors
			t.Errorf("%d rounds: %.1f %% of the runs have a verdict", rounds, 100*share)
		}
	}
}

func TestReadings(t *testing.T) {
	var samples []harness.Sample
	c := harness.Cell{Task: harness.Task{Workload: "spin"}, Strategy: "pool"}
	add := func(v float64, twin bool, marks ...string) {
		samples = append(samples, harness.Sample{Cell: c, Twin: twin, Round: len(samples), Values: map[string]float64{harness.UnitPSS: v}, Marks: marks})
	}
	for range 6 {
		add(100, false)
	}
	for range 7 {
		add(200, false, harness.MarkSteal)
	}
	add(1, false, harness.MarkStarved)
	add(1, true)
	r := Readings(samples, Settings{}, harness.UnitPSS)[c]
	if r.Median.Value != 200 || r.Median.N != 13 || r.Clean.Value != 100 || r.Clean.N != 6 || r.Busy {
		t.Errorf("%+v", r)
	}
	if r := Readings(samples, Settings{}, harness.UnitCPU)[c]; r.Median.Known() {
		t.Errorf("a unit without values: %+v", r)
	}
}
