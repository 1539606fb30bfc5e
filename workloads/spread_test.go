package workloads

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestSpreadKeepsTheWork checks that with every spread, the mean work of a task is the grain, and
// that equal seeds give equal tasks.
func TestSpreadKeepsTheWork(t *testing.T) {
	for _, s := range Spreads() {
		if s.Name != strings.ToLower(s.Name) || strings.ContainsAny(s.Name, " -/=:") || s.Doc == "" {
			t.Errorf("spread %q with description %q: want a lower-case name without blanks or -/=: and a description", s.Name, s.Doc)
		}
		for _, n := range []int{1, 2, 9, 64, 4096, 1 << 18} {
			for _, grain := range []int{10, 1000, 1_000_000} {
				p := Params{Grain: grain, Seed: 5, Spread: s.Name}
				grains := p.grains(n)
				sum := 0
				for _, g := range grains {
					sum += g
				}
				if len(grains) != n || slices.Min(grains) < 1 || math.Abs(float64(sum)/float64(n*grain)-1) > 0.02 {
					t.Errorf("spread %s: %d tasks with a grain of %d ns have a total work of %d ns, want the grain as their mean", s.Name, n, grain, sum)
				}
				if !slices.Equal(grains, p.grains(n)) {
					t.Errorf("spread %s: a second call with the same seed gave other tasks", s.Name)
				}
			}
		}
	}
}

func TestSpreads(t *testing.T) {
	const n, grain = 20_000, 100_000
	of := func(spread string, seed uint64) []int {
		return Params{Grain: grain, Seed: seed, Spread: spread}.grains(n)
	}
	if g := of(None, 1); slices.Min(g) != grain || slices.Max(g) != grain {
		t.Errorf("spread none: tasks take from %d to %d ns, want the grain for all", slices.Min(g), slices.Max(g))
	}
	last, first := of("last", 1), of("first", 1)
	const short = grain / 1.9 // 0.9 short + 0.1·10·short
	for i, want := range map[int]float64{0: short, n*9/10 - 1: short, n * 9 / 10: 10 * short, n - 1: 10 * short} {
		if math.Abs(float64(last[i])-want) > 1 || math.Abs(float64(first[n-1-i])-want) > 1 {
			t.Errorf("spread last: task %d takes %d ns; spread first: the mirrored task takes %d ns; want %.0f ns for both", i, last[i], first[n-1-i], want)
		}
	}
	if g := of("slowing", 1); g[n/2-1]*10 != g[n/2] && math.Abs(float64(g[n/2])/float64(g[n/2-1])-10) > 0.01 || g[0] > g[n-1] {
		t.Errorf("spread slowing: tasks take %d ns in the first half and then %d ns, want ten times as much", g[n/2-1], g[n/2])
	}
	pareto := of("pareto", 1)
	slices.Sort(pareto)
	if ratio := float64(pareto[n*9/10]) / float64(pareto[0]); math.Abs(ratio-math.Pow(10, 1/paretoShape)) > 0.3 {
		t.Errorf("spread pareto: 90 %% of the tasks take at most %.2f times as long as the shortest task, want 10^(1/α) times", ratio)
	}
	for name, cv := range map[string]float64{"lognormal1": 1, "lognormal": 2, "lognormal4": 4} {
		// With a heavy tail, the coefficient of variation of a sample is unstable, but the
		// deviation of the logarithms is stable.
		g := of(name, 1)
		var sum, squares float64
		for _, x := range g {
			sum += math.Log(float64(x))
			squares += math.Pow(math.Log(float64(x)), 2)
		}
		mean, sigma := sum/n, math.Sqrt(math.Log1p(cv*cv))
		if got := math.Sqrt(squares/n - mean*mean); math.Abs(got/sigma-1) > 0.02 {
			t.Errorf("spread %s: the standard deviation of the logarithms is %.3f, want %.3f", name, got, sigma)
		}
		slices.Sort(g)
		if median, want := float64(g[n/2])/grain, 1/math.Sqrt(1+cv*cv); math.Abs(median/want-1) > 0.06 {
			t.Errorf("spread %s: the median is %.3f times the mean, want %.3f times", name, median, want)
		}
	}
	if slices.Equal(of("lognormal", 1), of("lognormal", 2)) {
		t.Error("spread lognormal: two seeds give the same tasks, want different tasks")
	}
}
