package analyze_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

var audit = flag.Bool("audit", false, "simulate the full number of runs of make audit")

// A machine describes how the makespans of a simulated run vary.
type machine struct {
	name    string
	noise   float64 // standard deviation of ln T between launches
	drift   float64 // change of ln T per round, equal for all launches of a round
	flips   float64 // fraction of launches that take twice as long
	outlier float64 // fraction of launches that take 50 % longer
}

func machines() []machine {
	return []machine{
		{name: "CV 1 %", noise: 0.01},
		{name: "CV 5 %", noise: 0.05},
		{name: "CV 20 %", noise: 0.2},
		{name: "drift", noise: 0.02, drift: 0.01},
		{name: "state flips", noise: 0.02, flips: 0.05},
		{name: "outliers", noise: 0.02, outlier: 0.05},
	}
}

// simulate returns the samples of a question about tasks of 1 ms on two cores. The cells are the
// direct loop and one strategy for each factor, whose makespan is the ideal one times this factor.
func (m machine) simulate(seed uint64, rounds int, factors ...float64) (samples []harness.Sample) {
	rng := rand.New(rand.NewPCG(seed, 9))
	task := harness.Task{Workload: "spin", Grain: 1_000_000}
	cells := []harness.Cell{{Task: task, Cores: 2, Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder}}
	ns := []float64{1e6}
	for i, f := range factors {
		cells = append(cells, harness.Cell{Task: task, Cores: 2, Strategy: fmt.Sprint("s", i), Workers: 2, Chunk: "1", Order: harness.MapOrder})
		ns = append(ns, 0.5e6*f)
	}
	for round := range rounds {
		for i, c := range cells {
			log := m.noise*rng.NormFloat64() + m.drift*float64(round)
			if rng.Float64() < m.flips {
				log += math.Ln2
			}
			if rng.Float64() < m.outlier {
				log += math.Log(1.5)
			}
			t := ns[i] * math.Exp(log)
			samples = append(samples, harness.Sample{Cell: c, Round: round, Values: map[string]float64{harness.UnitTask: t, harness.UnitTasks: 64}})
		}
	}
	return samples
}

// stopped returns the samples up to the round after which the judge reports the question answered.
func stopped(samples []harness.Sample, judge func([]harness.Sample) harness.Standing) []harness.Sample {
	perRound := 0
	for _, s := range samples {
		if s.Round == 0 {
			perRound++
		}
	}
	for n := harness.FewestRounds * perRound; n < len(samples); n += perRound {
		if judge(samples[:n]).Answered {
			return samples[:n]
		}
	}
	return samples
}

// An outcome counts the results of simulated runs. The true ratios of the makespans in these runs
// are known.
type outcome struct {
	runs, pairs, wrong, covered, found, answered, rounds int
}

func (o outcome) share(n, of int) float64 { return 100 * float64(n) / float64(max(1, of)) }

// tally analyses the samples of a run whose strategies have the given factors (true makespan
// divided by the ideal makespan). It counts the intervals that cover the true ratio, the questions
// with a wrong verdict, and the differences found. rounds is the largest number of rounds of the
// run.
func (o *outcome) tally(samples []harness.Sample, rounds int, answered bool, factors []float64) {
	const margin = 0.02
	info := harness.Info{Precision: analyze.DefaultPrecision, Rounds: rounds}
	q := analyze.New(info, samples, analyze.Settings{}).Questions()[0]
	cell := func(i int) harness.Cell { return q.Rows[i].Cell }
	wrong := false
	o.runs++
	o.rounds += samples[len(samples)-1].Round + 1
	if answered {
		o.answered++
	}
	for i, a := range factors {
		for j, b := range factors[:i] {
			c, truth := q.Versus(cell(i+1), cell(j+1)), a/b
			o.pairs++
			if c.Ratio.Lo <= truth && truth <= c.Ratio.Hi {
				o.covered++
			}
			switch c.Verdict {
			case analyze.Better:
				wrong = wrong || truth > 1/(1+margin)-1e-9
			case analyze.Worse:
				wrong = wrong || truth < 1+margin+1e-9
			case analyze.Equivalent:
				wrong = wrong || truth > 1+margin-1e-9 || truth < 1/(1+margin)+1e-9
			}
			if c.Verdict == analyze.Worse {
				o.found++
			}
		}
	}
	if wrong {
		o.wrong++
	}
}

// TestAudit simulates runs on several kinds of machines. Some have a fixed number of rounds, and
// others stop when the question is answered. TestAudit logs coverage and power. It fails if
// intervals cover the truth in less than 93 % of cases, or if more than 5 % of questions have a
// wrong verdict. Both limits allow for the noise of the simulation.
func TestAudit(t *testing.T) {
	runs := 24
	if *audit {
		runs = 400
	}
	judge := analyze.Judge(analyze.DefaultPrecision, analyze.Settings{})
	cases := []struct {
		name    string
		factors []float64
	}{
		{"three alike", []float64{1, 1, 1}},
		{"at the margin's edge", []float64{1, 1.02}},
		{"5 % apart", []float64{1, 1.05}},
		{"10 % apart", []float64{1, 1.1}},
	}
	t.Logf("%-12s %-22s %9s %9s %7s %7s %7s %9s", "machine", "strategies", "rounds", "coverage", "wrong", "found", "n", "answered")
	for _, m := range machines() {
		for _, c := range cases {
			for _, rounds := range []int{4, 6, 12, 30, 0} { // 0: stopped, at most 60
				t.Run(fmt.Sprint(m.name, "/", c.name, "/", rounds), func(t *testing.T) {
					t.Parallel()
					o := outcome{}
					name := fmt.Sprint(rounds)
					for seed := range uint64(runs) {
						if rounds > 0 {
							o.tally(m.simulate(seed, rounds, c.factors...), harness.FewestRounds, false, c.factors)
							continue
						}
						name = "stopped"
						if !*audit && seed >= 6 {
							break
						}
						samples := stopped(m.simulate(seed, 60, c.factors...), judge)
						o.tally(samples, 60, judge(samples).Answered, c.factors)
					}
					t.Logf("%-12s %-22s %9s %8.1f%% %6.1f%% %6.1f%% %7.1f %8.1f%%", m.name, c.name, name,
						o.share(o.covered, o.pairs), o.share(o.wrong, o.runs), o.share(o.found, o.pairs), float64(o.rounds)/float64(o.runs), o.share(o.answered, o.runs))
					// Allow three standard deviations of the simulation.
					if noise := 300 * math.Sqrt(0.93*0.07/float64(o.pairs)); o.share(o.covered, o.pairs) < 93-noise {
						t.Errorf("intervals cover the truth in %.1f %%, want 93 %%", o.share(o.covered, o.pairs))
					}
					if noise := 300 * math.Sqrt(0.05*0.95/float64(o.runs)); o.share(o.wrong, o.runs) > 5+noise {
						t.Errorf("%.1f %% of questions have a wrong verdict, want 5 %% at most", o.share(o.wrong, o.runs))
					}
				})
			}
		}
	}
}

// TestAuditOfMETG simulates a dispatcher that becomes the bottleneck between two grains a decade
// apart, and a dispatcher that never does. It checks that the interval of METG covers the truth.
func TestAuditOfMETG(t *testing.T) {
	runs := 40
	if *audit {
		runs = 1000
	}
	const target, cores = 0.75, 2.0
	for _, c := range []struct {
		name               string
		overhead, dispatch float64 // ns a task, of a worker and of the one dispatcher
	}{{"no bend", 400, 0}, {"bend between grains", 50, 900}, {"bend near a grain", 50, 4000}} {
		// T = max((w+overhead)/cores, dispatch); efficiency is w/(cores·T).
		truth := max(c.overhead*target/(1-target), target*cores*c.dispatch)
		o, bias := outcome{}, 0.0
		for seed := range uint64(runs) {
			rng := rand.New(rand.NewPCG(seed, 3))
			var samples []harness.Sample
			for round := range 6 {
				for block, grain := range []int{100, 1_000, 10_000, 100_000} {
					task := harness.Task{Workload: "spin", Grain: grain}
					for _, cell := range []harness.Cell{
						{Task: task, Cores: cores, Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder},
						{Task: task, Cores: cores, Strategy: "pool", Workers: cores, Chunk: "1", Order: harness.MapOrder},
					} {
						w := float64(grain)
						ns := w
						if cell.Strategy == "pool" {
							ns = max((w+c.overhead)/cores, c.dispatch)
						}
						samples = append(samples, harness.Sample{Cell: cell, Round: round, Block: block, Values: map[string]float64{
							harness.UnitTask: ns * math.Exp(0.01*rng.NormFloat64()), harness.UnitTasks: 64}})
					}
				}
			}
			curve := analyze.New(harness.Info{}, samples, analyze.Settings{}).Sections[0].Curves[0]
			o.pairs++
			if at := curve.Work.At; at.Lo <= truth && truth <= at.Hi {
				o.covered++
			}
			bias += math.Log(curve.Work.At.Value/truth) / float64(runs)
		}
		t.Logf("%s: interval of W covers %.3g ns in %.1f %%; bias %+.1f %%", c.name, truth, o.share(o.covered, o.pairs), 100*math.Expm1(bias))
		if noise := 300 * math.Sqrt(0.93*0.07/float64(o.pairs)); o.share(o.covered, o.pairs) < 93-noise {
			t.Errorf("%s: interval covers the truth in %.1f %%, want 93 %%", c.name, o.share(o.covered, o.pairs))
		}
	}
}
