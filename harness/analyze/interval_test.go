package analyze

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestIntervalOfSixIsStudents(t *testing.T) {
	// Quantile 0.975 of t with 5 degrees of freedom is 2.5706.
	xs := []float64{1, 2, 3, 4, 5, 6}
	mean, lo, hi := bounds(xs, 0.95)
	se := math.Sqrt(3.5 / 6)
	near(t, mean, 3.5)
	near(t, hi-mean, 2.570582*se)
	near(t, mean-lo, 2.570582*se)
}

// TestIntervalOfTwelveIsTheSignedRankTests checks the interval against published tables: for 12
// values P(W <= 13) = 0.0212, so the 14th smallest and largest Walsh averages bound 95.8 %.
func TestIntervalOfTwelveIsTheSignedRankTests(t *testing.T) {
	xs := []float64{12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	center, lo, hi := bounds(xs, 0.95)
	near(t, center, 6.5)
	near(t, lo, 4)
	near(t, hi, 9)
	near(t, rankTail(12, 14), 2*87./4096)
	near(t, rankTail(12, 1), 2./4096)
	for n := exactRanks; n <= exactRanks+1; n++ { // where the approximation begins
		k := n * n / 6
		if tail := rankTail(n, k); tail < 0.0005 || tail > 0.05 {
			t.Errorf("n = %d: tail %v of %d", n, tail, k)
		}
	}
}

func TestTooLittleForAnInterval(t *testing.T) {
	for _, logs := range [][]float64{nil, {0.1}} {
		e := fromLogs(logs, 0.95)
		if e.Bounded() || e.N != len(logs) {
			t.Errorf("fromLogs(%v) = %v, want unbounded", logs, e)
		}
		if v, p := decide(logs, 0.02); v != Unresolved || p != 1 {
			t.Errorf("decide(%v) = %v, %v", logs, v, p)
		}
	}
}

func near(t *testing.T, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-5*math.Abs(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestIntervalsCover checks that 95 % intervals miss the true value in at most 10 % of cases, twice
// the nominal rate.
func TestIntervalsCover(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{6, 11, 12, 20} {
		missed := 0
		for range 2000 {
			logs := make([]float64, n)
			for i := range logs {
				logs[i] = 0.3 + 0.02*rng.NormFloat64()
			}
			if e := fromLogs(logs, 0.95); e.Lo > math.Exp(0.3) || e.Hi < math.Exp(0.3) {
				missed++
			}
		}
		if missed > 200 {
			t.Errorf("n = %d: %d of 2000 intervals miss the truth", n, missed)
		}
	}
}

func TestVerdicts(t *testing.T) {
	spread := func(center, by float64, n int) []float64 {
		xs := make([]float64, n)
		for i := range xs {
			xs[i] = math.Log(center) + by*(float64(i%2)-0.5)
		}
		return xs
	}
	for _, c := range []struct {
		logs []float64
		want Verdict
	}{
		{spread(0.9, 0.01, 6), Better},
		{spread(1.1, 0.01, 6), Worse},
		{spread(1.001, 0.01, 6), Equivalent},
		{spread(1.03, 0.05, 6), Unresolved},
		{spread(0.99, 0.08, 6), Unresolved},
		{spread(0.9, 0.01, 14), Better},
		{spread(1.1, 0.01, 14), Worse},
		{spread(1.001, 0.01, 14), Equivalent},
		{spread(1.02, 0.01, 14), Unresolved},
		{spread(0.9, 0, 2), Better},
	} {
		got := compare([][]float64{c.logs}, Settings{}.filled())[0]
		if got.Verdict != c.want {
			t.Errorf("%v: %v, want %v", got.Ratio, got.Verdict, c.want)
		}
		if got.Verdict == Unresolved && got.Rounds != 0 && got.Rounds <= len(c.logs) {
			t.Errorf("%v: needs %d rounds, but has %d", got.Ratio, got.Rounds, len(c.logs))
		}
	}
}

// TestVerdictIsWhereTheIntervalLies checks that the verdict of a single comparison matches its 95 %
// interval. It also checks that exchanging the strategies gives the opposite verdict.
func TestVerdictIsWhereTheIntervalLies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logs := rapid.SliceOfN(rapid.Float64Range(-0.1, 0.1), 2, 20).Draw(t, "logs")
		c := compare([][]float64{logs}, Settings{}.filled())[0]
		if want := region(math.Log(c.Ratio.Lo), math.Log(c.Ratio.Hi), math.Log1p(0.02)); want != c.Verdict && math.Abs(c.P-0.05) > 1e-9 {
			t.Fatalf("%v (p = %v): %v, want %v", c.Ratio, c.P, c.Verdict, want)
		}
		mirrored := slices.Clone(logs)
		for i := range mirrored {
			mirrored[i] = -mirrored[i]
		}
		mirror := map[Verdict]Verdict{Better: Worse, Worse: Better, Equivalent: Equivalent, Unresolved: Unresolved}
		if m := compare([][]float64{mirrored}, Settings{}.filled())[0]; m.Verdict != mirror[c.Verdict] {
			t.Fatalf("%v mirrored is %v", c.Verdict, m.Verdict)
		}
		// In a larger family no verdict becomes easier.
		if f := compare([][]float64{logs, {0, 0.001}, {-0.1, 0.1}}, Settings{}.filled())[0]; f.P < c.P {
			t.Fatalf("p falls from %v to %v in a family", c.P, f.P)
		}
	})
}

// TestHolm checks the p values that the step-down procedure adjusts. In sorted order, each is
// multiplied by the number of remaining tests, and no product is smaller than the previous one.
func TestHolm(t *testing.T) {
	steady := func(center, se float64) []float64 { // six values with this mean and standard error
		d := se * math.Sqrt(5)
		return []float64{center - d, center + d, center - d, center + d, center - d, center + d}
	}
	family := [][]float64{steady(0.05, 0.004), steady(0.2, 0.004), steady(0.1, 0.004)}
	one := func(i int) float64 { return compare(family[i:i+1], Settings{}.filled())[0].P }
	got := compare(family, Settings{}.filled())
	near(t, got[1].P, 3*one(1))
	near(t, got[2].P, 2*one(2))
	near(t, got[0].P, one(0))
}

// TestMedianOfFewHasNoInterval checks that a median of one to five values has no interval.
func TestMedianOfFewHasNoInterval(t *testing.T) {
	for n := 1; n <= 7; n++ {
		var vs []float64
		for i := range n {
			vs = append(vs, float64(10+i))
		}
		e := summary(vs, 0.95)
		if bounded := n >= 6; e.Bounded() != bounded || e.N != n || !bounded && (e.Lo != 0 || !math.IsInf(e.Hi, 1)) {
			t.Errorf("n = %d: %v, from %v to %v", n, e, e.Lo, e.Hi)
		}
	}
}
