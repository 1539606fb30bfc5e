package ab

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/compare"
)

// A world generates turns of a simulated benchmark with operations of 1 µs.
type world struct {
	rng   *rand.Rand
	noise float64 // standard deviation of ln of a time
	slow  float64 // factor of the time of head
	tail  float64 // share of launches that take up to three times as long
	waits float64 // share of the time in which a launch uses no CPU
	marks float64 // share of launches that are starved, and take up to twice as long without more CPU time
	drift float64 // change of ln of a time per round
	cpu   float64 // factor of the CPU time of head; 0 for the factor of its time
}

func (w *world) turn(round int) Turn {
	t := Turn{Round: round}
	for side := range t.Samples {
		ns := 1000 * math.Exp(w.noise*w.rng.NormFloat64()+w.drift*float64(round))
		if harness.Side(side) == harness.Head {
			ns *= max(w.slow, 1e-9)
		}
		cpu := ns * (1 - w.waits)
		if harness.Side(side) == harness.Head && w.cpu > 0 {
			cpu *= w.cpu / w.slow
		}
		s := harness.SideSample{Round: round, Reps: 100_000}
		if w.rng.Float64() < w.tail {
			ns *= 1 + 2*w.rng.Float64()
		}
		if w.rng.Float64() < w.marks {
			ns *= 1 + w.rng.Float64()
			s.Marks = []string{harness.MarkStarved}
		}
		s.Values = map[string]float64{harness.UnitOp: ns, harness.UnitBytesOp: 16, harness.UnitAllocsOp: 1}
		s.Wall, s.CPU = time.Duration(100_000*ns)+3*time.Millisecond, time.Duration(100_000*cpu)+3*time.Millisecond
		t.Samples[side] = s
	}
	return t
}

func (w *world) turns(n int) (turns []Turn) {
	for round := range n {
		turns = append(turns, w.turn(round))
	}
	return turns
}

func newWorld(w world) *world {
	w.rng = rand.New(rand.NewPCG(1, 2))
	if w.slow == 0 {
		w.slow = 1
	}
	return &w
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name   string
		turns  []Turn
		want   string // verdict of ns/op
		doubt  string
		decide bool
	}{
		{"equal", newWorld(world{noise: 0.01}).turns(12), "equivalent", "", true},
		{"10 % slower", newWorld(world{noise: 0.01, slow: 1.1}).turns(8), "worse", "", true},
		{"10 % faster", newWorld(world{noise: 0.01, slow: 0.9}).turns(8), "better", "", true},
		{"too few rounds", newWorld(world{noise: 0.01, slow: 2}).turns(5), "likely worse", "", false},
		{"noisy", newWorld(world{noise: 0.3, slow: 1.05}).turns(20), "unresolved", "", false},
		{"drift", newWorld(world{noise: 0.005, drift: 0.05}).turns(20), "equivalent", "", true},
		{"slower than only one of the launches of base", shifted(newWorld(world{noise: 0.005}).turns(20), func(s *Turn) {
			scale(&s.Samples[harness.Base], 0.9)
		}), "unresolved", "but not with the second", false},
		{"slower in disturbed rounds", shifted(newWorld(world{noise: 0.005}).turns(24), func(s *Turn) {
			if s.Round%4 != 0 {
				scale(&s.Samples[harness.Head], 1.4)
				s.Samples[harness.Head].Marks = []string{harness.MarkSteal}
			}
		}), "unresolved", "only if contaminated launches count", false},
		{"slower, all rounds disturbed", shifted(newWorld(world{noise: 0.01, slow: 1.1}).turns(20), starve), "worse", "", true},
		{"waits longer, all rounds disturbed", shifted(newWorld(world{noise: 0.01, slow: 1.1, cpu: 1, waits: 0.9}).turns(20), starve), "worse", "", true},
		{"slower without more CPU time", newWorld(world{noise: 0.01, slow: 1.1, cpu: 1}).turns(20), "unresolved", "the CPU times of the launches do not confirm", false},
		{"waits longer", newWorld(world{noise: 0.01, slow: 1.1, cpu: 1, waits: 0.9}).turns(20), "worse", "", true},
	} {
		j := Judge([]Bench{{Name: c.name}}, map[string][]Turn{c.name: c.turns}, Settings{})
		r := j.Table.Rows[0]
		if got := r.Words(); got != c.want || !strings.Contains(strings.Join(r.Doubts, ""), c.doubt) || (c.doubt == "") != (len(r.Doubts) == 0) {
			t.Errorf("%s: %s %v, doubts %q; want %s", c.name, got, r.Ratio, r.Doubts, c.want)
		}
		if rounds, open := j.Rounds[c.name]; j.Decided[c.name] != c.decide || open == c.decide || rounds > 0 && rounds <= len(c.turns) {
			t.Errorf("%s: decided %t, %d rounds needed", c.name, j.Decided[c.name], j.Rounds[c.name])
		}
	}
}

func shifted(turns []Turn, change func(*Turn)) []Turn {
	for i := range turns {
		change(&turns[i])
	}
	return turns
}

func scale(s *harness.SideSample, f float64) {
	s.Values[harness.UnitOp] *= f
	s.Wall, s.CPU = time.Duration(float64(s.Wall)*f), time.Duration(float64(s.CPU)*f)
}

func TestBeyondFloor(t *testing.T) {
	s, _ := seriesOf("A", harness.UnitOp, newWorld(world{noise: 0.1}).turns(20))
	for _, c := range []struct {
		lo, hi float64
		want   bool
	}{{1.03, 1.2, false}, {1.2, 1.3, true}, {0.7, 0.8, true}, {0.8, 0.97, false}, {0.8, 1.3, false}} {
		r := &compare.Row{Comparison: analyze.Comparison{Ratio: analyze.Estimate{Value: 1, Lo: c.lo, Hi: c.hi, N: 20}}}
		if s.beyondFloor(r) != c.want {
			t.Errorf("%v to %v: %t", c.lo, c.hi, !c.want)
		}
	}
}

func starve(t *Turn) {
	for side := range t.Samples {
		t.Samples[side].Marks = []string{harness.MarkStarved}
	}
}

// TestUnits checks the rows in units other than the time of an operation. It also checks the entry
// in Table.Missing for a unit that one side lacks.
func TestUnits(t *testing.T) {
	turns := shifted(newWorld(world{noise: 0.01}).turns(12), func(t *Turn) {
		t.Samples[harness.Head].Values[harness.UnitAllocsOp] = 2
		t.Samples[harness.Head].Values["only-head"] = 1
		for side := range t.Samples {
			t.Samples[side].Values["MB/s"] = 1e3 / t.Samples[side].Values[harness.UnitOp]
		}
	})
	for _, gates := range [][]string{nil, {harness.UnitAllocsOp}} {
		j := Judge([]Bench{{Name: "A"}}, map[string][]Turn{"A": turns}, Settings{Gates: gates})
		words := map[string]string{}
		for _, r := range j.Table.Rows {
			words[r.Unit] = fmt.Sprint(r.Words(), " ", r.Gate)
		}
		want := map[string]string{"ns/op": "equivalent true", "B/op": "equivalent false", "allocs/op": fmt.Sprint("worse ", gates != nil), "MB/s": "equivalent false"}
		for unit, w := range want {
			if words[unit] != w {
				t.Errorf("%s is %s, want %s", unit, words[unit], w)
			}
		}
		if len(j.Table.Missing) != 1 || j.Table.Missing[0].Unit != "only-head" || j.Table.Missing[0].Side != "base" {
			t.Errorf("missing: %v", j.Table.Missing)
		}
		if got := j.Table.Exit(false); (got == compare.Worse) != (gates != nil) {
			t.Errorf("gates %v: outcome %v", gates, got)
		}
	}
}

// simulate runs a comparison as Runner does, with at most the given number of rounds. It returns the
// final rows.
func simulate(worlds []*world, most int) []compare.Row {
	turns, gone := map[string][]Turn{}, map[string]bool{}
	var benches []Bench
	for i := range worlds {
		benches = append(benches, Bench{Name: fmt.Sprint("B", i)})
	}
	for round := range most {
		for i, b := range benches {
			if !gone[b.Name] {
				turns[b.Name] = append(turns[b.Name], worlds[i].turn(round))
			}
		}
		if look(round + 1) {
			for name, done := range Judge(benches, turns, Settings{Shown: []string{}}).Decided {
				if done {
					gone[name] = true
				}
			}
		}
		if len(gone) == len(benches) {
			break
		}
	}
	return Judge(benches, turns, Settings{Shown: []string{}}).Table.Rows
}

// TestFalseVerdicts simulates runs of equal programs under several kinds of noise. At most one run
// in twenty may find that a benchmark is worse.
func TestFalseVerdicts(t *testing.T) {
	runs, benches := 20, 25
	if testing.Short() {
		runs, benches = 1, 15
	}
	for _, w := range []world{
		{noise: 0.01}, {noise: 0.05, tail: 0.1}, {noise: 0.03, marks: 0.3}, {noise: 0.1, marks: 1}, {noise: 0.3}, {noise: 0.05, drift: 0.02},
	} {
		wrong := 0
		for run := range runs {
			var worlds []*world
			for i := range benches {
				w := w
				w.slow, w.rng = 1, rand.New(rand.NewPCG(uint64(run), uint64(i)))
				worlds = append(worlds, &w)
			}
			for _, r := range simulate(worlds, 18) {
				if r.Verdict == analyze.Worse {
					t.Logf("%+v: run %d: %s is worse: %v", w, run, r.Name, r.Ratio)
					wrong++
					break
				}
			}
		}
		if wrong > runs/20+1 {
			t.Errorf("%+v: %d of %d runs find a difference", w, wrong, runs)
		}
	}
}

// TestPlanted simulates runs of a benchmark that is 5 % slower, with as many rounds as 60 s hold.
func TestPlanted(t *testing.T) {
	const runs, rounds = 20, 150
	for _, w := range []world{{noise: 0.01}, {noise: 0.05}, {noise: 0.03, tail: 0.1}, {noise: 0.02, marks: 0.3}} {
		found := 0
		for run := range runs {
			w := w
			w.slow, w.rng = 1.05, rand.New(rand.NewPCG(uint64(run), 9))
			if simulate([]*world{&w}, rounds)[0].Verdict == analyze.Worse {
				found++
			}
		}
		if found < runs*9/10 {
			t.Errorf("%+v: found in %d of %d runs", w, found, runs)
		}
	}
}
