package analyze_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
)

var quick = analyzetest.Quick

func run(r analyzetest.Run) *analyze.Analysis {
	return analyze.New(harness.Info{}, r.Samples(), analyze.Settings{})
}

func curves(a *analyze.Analysis) (all []analyze.Curve) {
	for _, s := range a.Sections {
		all = append(all, s.Curves...)
	}
	return all
}

func crossovers(a *analyze.Analysis) (all []analyze.Crossover) {
	for _, s := range a.Sections {
		all = append(all, s.Crossovers...)
	}
	return all
}

func question(t *testing.T, a *analyze.Analysis, grain, cores int) analyze.Question {
	t.Helper()
	i := slices.IndexFunc(a.Questions(), func(q analyze.Question) bool { return q.Task.Grain == grain && q.Cores == cores })
	if i < 0 {
		t.Fatalf("no question with grain %d on %d cores", grain, cores)
	}
	return a.Questions()[i]
}

func labels(cells []harness.Cell) string {
	var out []string
	for _, c := range cells {
		out = append(out, analyze.Label(c))
	}
	return strings.Join(out, ", ")
}

func TestWinnersOfTheModel(t *testing.T) {
	a := run(quick)
	for _, c := range []struct {
		grain, cores int
		kind         analyze.WinnerKind
		best         string
	}{
		{100, 2, analyze.Won, "pool (chunk 16)"},           // (102+60/16)/2
		{1000, 1, analyze.Tied, "direct, pool (chunk 16)"}, // serial is 2 % slower, procs much slower
		{1_000_000, 2, analyze.Tied, "pool (chunk 1), pool (chunk 16), procs (chunk 16), procs (chunk 1)"},
	} {
		q := question(t, a, c.grain, c.cores)
		best := slices.SortedFunc(slices.Values(q.Winner.Best), func(a, b harness.Cell) int { return strings.Compare(analyze.Label(a), analyze.Label(b)) })
		want := strings.Split(c.best, ", ")
		slices.Sort(want)
		if got := labels(best); c.kind == analyze.Won && q.Winner.Kind != c.kind || c.kind == analyze.Tied && q.Winner.Kind == analyze.Won || !strings.Contains(got, want[0]) {
			t.Errorf("grain %d on %d cores: %v of %s, want %v of %s", c.grain, c.cores, q.Winner.Kind, got, c.kind, c.best)
		}
	}
}

func TestEfficiencyIsPairedWithDirect(t *testing.T) {
	q := question(t, run(quick), 1000, 2)
	for _, r := range q.Rows {
		if r.Cell.Strategy != "procs" || r.Cell.Chunk != "1" {
			continue
		}
		want := 1020 / ((1020 + 4000) / 2.0)
		if e := r.Speedup; e.Lo > want || e.Hi < want || e.N != 6 || e.Half() > 0.03 {
			t.Errorf("speed-up %v, want %v", e, want)
		}
		if e := r.Efficiency; math.Abs(e.Value-r.Speedup.Value/2) > 1e-12 {
			t.Errorf("efficiency %v of speed-up %v on 2 cores", e, r.Speedup)
		}
		if r.VsDirect.Verdict != analyze.Worse {
			t.Errorf("procs against direct at 1 µs: %v", r.VsDirect.Verdict)
		}
	}
	if d := q.Rows[0]; d.Cell.Strategy != harness.Direct || d.Efficiency.Value != 0.5 {
		t.Errorf("the first row is %v with efficiency %v, want direct with 0.5", d.Cell, d.Efficiency)
	}
}

// TestDriftCancels checks that a slowdown of all launches of a round leaves the ratios unchanged.
func TestDriftCancels(t *testing.T) {
	samples := quick.Samples()
	for _, s := range samples {
		s.Values[harness.UnitTask] *= 1 + 0.3*float64(s.Round)
	}
	a, b := run(quick), analyze.New(harness.Info{}, samples, analyze.Settings{})
	for i, q := range a.Questions() {
		for j, r := range q.Rows {
			if got := b.Questions()[i].Rows[j].Speedup; math.Abs(got.Value/r.Speedup.Value-1) > 1e-9 || math.Abs(got.Hi/r.Speedup.Hi-1) > 1e-9 {
				t.Fatalf("%v: %v with drift, %v without", r.Cell, got, r.Speedup)
			}
		}
	}
}

func TestTasksThatWaitHaveNoEfficiency(t *testing.T) {
	m := quick
	m.Workload = "sleep"
	a := analyze.New(harness.Info{}, m.Samples(), analyze.Settings{Waits: func(w string) bool { return w == "sleep" }})
	if len(curves(a)) > 0 {
		t.Error("there is a METG of tasks that wait")
	}
	for _, q := range a.Questions() {
		for _, r := range q.Rows {
			if r.Efficiency.Known() || !r.Speedup.Known() {
				t.Errorf("%v: efficiency %v, speed-up %v", r.Cell, r.Efficiency, r.Speedup)
			}
		}
	}
}

// TestPlantedSlowdownIsClaimed checks that most runs find a slowdown of 10 %. It asserts a lower
// rate than the expected 95 %, so that it does not fail by chance.
func TestPlantedSlowdownIsClaimed(t *testing.T) {
	const runs = 300
	claimed := 0
	for seed := range uint64(runs) {
		m := analyzetest.Run{Workload: "spin", Grains: []int{100_000}, Cores: []int{2}, Chunks: []int{1}, Orders: []string{harness.MapOrder}, Rounds: 6, Noise: 0.02, Seed: seed,
			Costs: []analyzetest.Cost{{Name: "serial"}, {Name: "pool", Start: 3000}, {Name: "other", Start: 3000}, {Name: "third", Start: 3000}, {Name: "twin", Start: 3000, Slower: 1.1}}}
		q := question(t, run(m), 100_000, 2)
		if !slices.ContainsFunc(q.Winner.Best, func(c harness.Cell) bool { return c.Strategy == "twin" }) {
			claimed++
		}
	}
	t.Logf("a slowdown of 10 %% is claimed in %d of %d runs", claimed, runs)
	if claimed < runs*85/100 {
		t.Errorf("a slowdown of 10 %% is claimed in %d of %d runs only", claimed, runs)
	}
}

// TestAlikeStrategiesHaveNoWinner checks that winners among equal strategies are rare.
func TestAlikeStrategiesHaveNoWinner(t *testing.T) {
	const runs = 300
	claimed := 0
	for seed := range uint64(runs) {
		m := analyzetest.Run{Workload: "spin", Grains: []int{100_000}, Cores: []int{2}, Chunks: []int{1}, Orders: []string{harness.MapOrder}, Rounds: 6, Noise: 0.02, Seed: seed,
			Costs: []analyzetest.Cost{{Name: "a"}, {Name: "b"}, {Name: "c"}}}
		if question(t, run(m), 100_000, 2).Winner.Kind == analyze.Won {
			claimed++
		}
	}
	if claimed > runs/20 {
		t.Errorf("a winner among equals is claimed in %d of %d runs", claimed, runs)
	}
}

// TestRunsAgreeOnWinners checks that two runs that both name a winner name the same one.
func TestRunsAgreeOnWinners(t *testing.T) {
	m := quick
	m.Noise = 0.02
	both := 0
	for seed := range uint64(20) {
		m.Seed = 2 * seed
		a := run(m)
		m.Seed = 2*seed + 1
		b := run(m)
		for i, q := range a.Questions() {
			p := b.Questions()[i]
			if q.Winner.Kind == analyze.Won && p.Winner.Kind == analyze.Won {
				both++
				if q.Winner.Best[0] != p.Winner.Best[0] {
					t.Errorf("seed %d: %v and %v win", seed, q.Winner.Best[0], p.Winner.Best[0])
				}
			}
		}
	}
	if both == 0 {
		t.Error("no winner was ever claimed by both")
	}
}

func TestTwins(t *testing.T) {
	a := run(quick)
	if tw := a.Twins; tw.Ratio.N != 12 || tw.Ratio.Lo > 1 || tw.Ratio.Hi < 1 || tw.Typical > 0.02 {
		t.Errorf("twins %+v", tw)
	}
	if len(a.Controls) != 2 || a.Controls[0].N != a.Launches {
		t.Errorf("controls %+v", a.Controls)
	}
	for _, g := range a.Agreement {
		if g.Cells < 2 || g.Spread > 0.05 {
			t.Errorf("agreement %+v", g)
		}
	}
}

func TestMarkedLaunchesAreKept(t *testing.T) {
	samples := quick.Samples()
	for i := range samples {
		if s := &samples[i]; s.Round == 5 && s.Cell.Strategy == "pool" {
			s.Marks = []string{"steal"}
		}
	}
	a := analyze.New(harness.Info{}, samples, analyze.Settings{})
	if a.Marked == 0 {
		t.Fatal("no launch is contaminated")
	}
	for _, q := range a.Questions() {
		for _, r := range q.Rows {
			if r.Speedup.N != 6 {
				t.Errorf("%v: n = %d", r.Cell, r.Speedup.N)
			}
		}
	}
}

// TestBlockMeasuredAgain checks that a block measured twice in a round forms two turns, each paired
// with its own direct loop.
func TestBlockMeasuredAgain(t *testing.T) {
	once := quick
	once.Rounds = 3
	again := once.Samples()
	for i := range again {
		again[i].Values[harness.UnitTask] *= 5
	}
	a := analyze.New(harness.Info{}, append(once.Samples(), again...), analyze.Settings{})
	for _, r := range question(t, a, 1000, 2).Rows {
		if r.Speedup.N != 6 || r.Cell.Strategy != harness.Direct && r.Speedup.Half() > 0.03 {
			t.Errorf("%v: speed-up %v", r.Cell, r.Speedup)
		}
	}
}

// TestAnyPartOfARun checks that any subset of a run can be analysed.
func TestAnyPartOfARun(t *testing.T) {
	all := quick.Samples()
	for name, keep := range map[string]func(i int, s harness.Sample) bool{
		"nothing":     func(int, harness.Sample) bool { return false },
		"one launch":  func(i int, _ harness.Sample) bool { return i == 1 },
		"one round":   func(_ int, s harness.Sample) bool { return s.Round == 0 },
		"cut short":   func(i int, _ harness.Sample) bool { return i < len(all)*2/5 },
		"only direct": func(_ int, s harness.Sample) bool { return s.Cell.Strategy == harness.Direct },
		"no direct":   func(_ int, s harness.Sample) bool { return s.Cell.Strategy != harness.Direct },
		"holes":       func(i int, _ harness.Sample) bool { return i%7 != 3 && i%5 != 1 },
		"one grain":   func(_ int, s harness.Sample) bool { return s.Cell.Grain == 1000 },
	} {
		var some []harness.Sample
		for i, s := range all {
			if keep(i, s) {
				some = append(some, s)
			}
		}
		a := analyze.New(harness.Info{Rounds: 6}, some, analyze.Settings{})
		if name != "holes" && name != "one grain" && len(a.Notes) == 0 && !slices.ContainsFunc(a.Questions(), func(q analyze.Question) bool { return len(q.Notes) > 0 }) {
			t.Errorf("%s: no note", name)
		}
		if name == "no direct" && question(t, a, 100, 2).Winner.Kind != analyze.Won {
			t.Errorf("%s: no winner from pairs within blocks", name)
		}
		if strings.HasPrefix(name, "one ro") {
			for _, q := range a.Questions() {
				if q.Winner.Kind != analyze.Undecided {
					t.Errorf("%s: %v", name, q.Winner)
				}
			}
		}
	}
}
