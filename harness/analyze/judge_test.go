package analyze_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
)

// two returns samples of pool, and of strategy late, whose jobs take longer by the factor slower.
func two(slower, noise float64, seed uint64, rounds int) []harness.Sample {
	return analyzetest.Run{
		Workload: "spin", Grains: []int{1_000_000}, Cores: []int{2}, Chunks: []int{1}, Orders: []string{harness.MapOrder},
		Rounds: rounds, Noise: noise, Seed: seed,
		Costs: []analyzetest.Cost{{Name: "pool"}, {Name: "late", Slower: slower}},
	}.Samples()
}

// stop returns the samples up to the round after which the judge reports the question answered.
func stop(samples []harness.Sample, judge func([]harness.Sample) harness.Standing) (kept []harness.Sample, rounds int) {
	last := samples[len(samples)-1].Round
	for rounds = harness.FewestRounds; rounds <= last; rounds++ {
		n := slices.IndexFunc(samples, func(s harness.Sample) bool { return s.Round == rounds })
		if judge(samples[:n]).Answered {
			return samples[:n], rounds
		}
	}
	return samples, last + 1
}

// TestStoppingKeepsVerdicts checks runs that stop as soon as their question is answered. They must
// have no more wrong verdicts than allowed, and find a strategy that is slower by 5 %. TestAudit
// checks this for several kinds of machines.
func TestStoppingKeepsVerdicts(t *testing.T) {
	const runs = 60
	judge := analyze.Judge(analyze.DefaultPrecision, analyze.Settings{})
	for _, c := range []struct {
		slower, noise float64
		wrong         []analyze.Verdict
		most          int // of them
		found         analyze.Verdict
		least         int
	}{
		{1, 0.02, []analyze.Verdict{analyze.Better, analyze.Worse}, 3, analyze.Unresolved, runs / 2},
		{1, 0.005, []analyze.Verdict{analyze.Better, analyze.Worse}, 3, analyze.Equivalent, runs * 9 / 10},
		{1.01, 0.02, []analyze.Verdict{analyze.Better, analyze.Worse}, 3, analyze.Unresolved, 0},
		{1.02, 0.01, []analyze.Verdict{analyze.Better, analyze.Worse, analyze.Equivalent}, runs / 10, analyze.Unresolved, 0},
		{1.05, 0.02, []analyze.Verdict{analyze.Better, analyze.Equivalent}, 0, analyze.Worse, runs * 9 / 10},
	} {
		seen := map[analyze.Verdict]int{}
		sum := 0
		for seed := range uint64(runs) {
			samples, rounds := stop(two(c.slower, c.noise, seed, 60), judge)
			sum += rounds
			q := analyze.New(harness.Info{Precision: analyze.DefaultPrecision}, samples, analyze.Settings{}).Questions()[0]
			cell := func(name string) harness.Cell {
				return q.Rows[slices.IndexFunc(q.Rows, func(r analyze.Row) bool { return r.Cell.Strategy == name })].Cell
			}
			seen[q.Versus(cell("late"), cell("pool")).Verdict]++
		}
		wrong := 0
		for _, v := range c.wrong {
			wrong += seen[v]
		}
		t.Logf("%g slower, noise %g: %v after %d rounds", c.slower, c.noise, seen, sum/runs)
		if wrong > c.most || seen[c.found] < c.least {
			t.Errorf("%g slower, noise %g: %v of %d", c.slower, c.noise, seen, runs)
		}
	}
}

func TestJudgeSaysWhatIsOpen(t *testing.T) {
	judge := analyze.Judge(analyze.DefaultPrecision, analyze.Settings{})
	if st := judge(nil); st.Answered || st.Rounds != harness.FewestRounds {
		t.Errorf("%+v", st)
	}
	few := two(1, 0.0001, 1, 5)
	if st := judge(few); st.Answered || st.Rounds != harness.FewestRounds {
		t.Errorf("five rounds: %+v", st)
	}
	noisy := two(1, 0.05, 1, 6)
	if st := judge(noisy); st.Answered || st.Rounds < 12 || !strings.Contains(st.Open, " against ") || !strings.HasSuffix(st.Open, " %") {
		t.Errorf("noisy: %+v", st)
	}
	if st := judge(two(1.05, 0.05, 1, 12)); st.Answered {
		t.Errorf("five per cent with five per cent of noise: %+v", st)
	}
	if st := judge(two(3, 0.05, 1, 12)); !st.Answered {
		t.Errorf("three times as long: %+v", st)
	}
}

// TestJudgeOfAChosenNumberOfTasks checks a question whose number of tasks the suite sets. It is
// answered only if both its timed jobs and its cold start are answered.
func TestJudgeOfAChosenNumberOfTasks(t *testing.T) {
	judge := analyze.Judge(analyze.DefaultPrecision, analyze.Settings{})
	for first, want := range map[string]bool{"steady": true, "uneven": false} {
		samples := two(3, 0.0001, 1, 8)
		for i := range samples {
			s := &samples[i]
			s.Cell.Tasks = 64
			s.Values[harness.UnitFirst] = s.Values[harness.UnitTask] * 64
			if first == "uneven" && s.Cell.Strategy == "pool" {
				s.Values[harness.UnitFirst] *= float64(1 + s.Round%2)
			}
		}
		if st := judge(samples); st.Answered != want {
			t.Errorf("%s: %+v", first, st)
		}
	}
}
