package run

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

// order returns one line per sample, in the order of measurement.
func order(samples []harness.Sample) (lines []string) {
	for _, s := range samples {
		lines = append(lines, fmt.Sprintf("%d/%d/%d %s %t", s.Round, s.Block, s.Attempt, s.Cell, s.Twin))
	}
	return lines
}

// TestResume interrupts a run after each launch and resumes it. The run must continue in the order
// of an uninterrupted run. It must measure the turn that was cut short again as a whole.
func TestResume(t *testing.T) {
	whole := &sink{}
	r, p := runner(t, whole, "pool", "stolen")
	settled := func(samples []harness.Sample) harness.Standing { return harness.Standing{Answered: len(samples) > 0} }
	p.Rounds, r.Judge = 8, settled
	if tally, err := r.Run(t.Context(), p); err != nil || tally.Rounds != 6 {
		t.Fatalf("got tally %+v, error %v", tally, err)
	}
	want := order(whole.samples)
	for _, cut := range []int{1, 4, 6, 20, 21, 23, 24, 27} { // a repeated turn begins at 20
		a := &sink{full: cut}
		r, _ := runner(t, a, "pool", "stolen")
		r.Judge = settled
		if _, err := r.Run(t.Context(), p); !errors.Is(err, errFull) {
			t.Fatal(err)
		}
		b := &sink{}
		r.Sink, r.Jobs, r.Samples = b, a.jobs, a.samples
		if _, err := r.Run(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		at := cut // start of the turn that was cut short
		if a, b := whole.samples[cut-1], whole.samples[cut]; a.Round == b.Round && a.Attempt == b.Attempt {
			for ; at > 0 && whole.samples[at-1].Round == a.Round && whole.samples[at-1].Attempt == a.Attempt; at-- {
			}
		}
		rest := slices.Clone(whole.samples[at:])
		if at < cut {
			for i := range rest {
				if rest[i].Round == whole.samples[at].Round {
					rest[i].Attempt++
				}
			}
		}
		if cut == len(want) {
			t.Fatal("the run is shorter than the cut")
		}
		if got, want := order(b.samples), order(rest); !slices.Equal(got, want) {
			t.Fatalf("cut after %d: continued with\n%q, want\n%q", cut, got, want)
		}
		if b.jobs != nil {
			t.Errorf("cut after %d: jobs were sized again", cut)
		}
	}
}

// TestContaminatedTurnsAreMeasuredAgain checks that turns are repeated, and that repetitions add at
// most a fifth of the launches.
func TestContaminatedTurnsAreMeasuredAgain(t *testing.T) {
	s := &sink{}
	r, p := runner(t, s, "pool", "stolen")
	p.Rounds = 12
	tally, err := r.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	again := 0
	for _, x := range s.samples {
		if x.Attempt > 0 {
			again++
		}
	}
	if most := (len(s.samples) - again) / againMost; again == 0 || again > most || again < most-4 || tally.Again != again || tally.Marked < 12 {
		t.Errorf("%d of %d launches were added, %+v", again, len(s.samples), tally)
	}
}

func TestMarkControls(t *testing.T) {
	sample := func(loop, pingPong float64) harness.Sample {
		s := harness.Sample{Values: map[string]float64{harness.UnitControl: loop}}
		if pingPong > 0 {
			s.Values[harness.UnitPingPong] = pingPong
		}
		return s
	}
	// of returns a sample of a cell with a time per task and a round trip, in ns.
	of := func(strategy string, workers int, chunk harness.Chunk, perTask, pingPong float64) harness.Sample {
		s := sample(100, pingPong)
		s.Cell = harness.Cell{Strategy: strategy, Workers: workers, Chunk: chunk, Order: harness.MapOrder}
		s.Values[harness.UnitTask], s.Values[harness.UnitTasks] = perTask, 1024
		return s
	}
	single := of("procs", 1, "1", 3000, 500)
	single.Cell.Order = harness.SingleOrder
	for _, c := range []struct {
		name string
		turn []harness.Sample
		want []int
	}{
		{"none", nil, nil},
		{"one", []harness.Sample{sample(100, 0)}, nil},
		{"steady", []harness.Sample{sample(100, 180), sample(110, 250), sample(95, 170)}, nil},
		{"a slow loop", []harness.Sample{sample(100, 180), sample(130, 180), sample(100, 180)}, []int{1}},
		{"another state of the cores", []harness.Sample{sample(100, 1000), sample(100, 1000), sample(100, 180), sample(100, 1000)}, []int{2}},
		{"two that differ", []harness.Sample{sample(100, 180), sample(100, 1000)}, []int{0, 1}},
		{"two alike", []harness.Sample{sample(100, 180), sample(100, 300)}, nil},
		{"both controls differ", []harness.Sample{sample(150, 1000), sample(100, 180), sample(100, 180)}, []int{0}},
		{"no ping-pong on one core", []harness.Sample{sample(100, 0), sample(100, 0), sample(200, 0)}, []int{2}},
		{"coarse tasks", []harness.Sample{of("pool", 2, "1", 50_000, 100), of("pool", 2, "1", 50_000, 100), of("pool", 2, "1", 50_000, 500)}, nil},
		{"fine tasks", []harness.Sample{of("pool", 2, "1", 500, 100), of("pool", 2, "1", 500, 100), of("pool", 2, "1", 500, 500)}, []int{2}},
		{"fine tasks in large chunks", []harness.Sample{of("pool", 2, "64", 500, 100), of("pool", 2, "64", 500, 100), of("pool", 2, "64", 500, 500)}, nil},
		{"fine tasks shared out at once", []harness.Sample{of("pool", 2, "static", 500, 100), of("pool", 2, "auto", 500, 500), of("pool", 2, "1", 500, 500)}, nil},
		{"the direct loop and a lone worker hand nothing over", []harness.Sample{of(harness.Direct, 1, "1", 900, 500), of("serial", 1, "1", 900, 500), of("pool", 2, "1", 500, 100), of("steal", 2, "1", 500, 100)}, nil},
		{"pools are not compared with the direct loop and a lone worker", []harness.Sample{of(harness.Direct, 1, "1", 900, 100), of("serial", 1, "1", 900, 100), of("pool", 2, "1", 500, 500), of("steal", 2, "1", 500, 500)}, nil},
		{"round trips of single tasks", []harness.Sample{single, single, of("procs", 2, "1", 500, 100)}, []int{2}},
	} {
		marked := markControls(c.turn)
		var got []int
		for i, s := range c.turn {
			if slices.Contains(s.Marks, harness.MarkControl) {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, c.want) || len(marked) != len(got) || markControls(c.turn) != nil {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestMarksOfATurn checks marks that depend on the other samples of a turn. They must be set when
// the turn has ended. If a run ended before it wrote such marks, they must be set when the run is
// resumed.
func TestMarksOfATurn(t *testing.T) {
	_, p := runner(t, nil, "pool", "babble")
	var samples []harness.Sample
	for _, l := range p.Round(0)[0].Launches {
		samples = append(samples, harness.Sample{Cell: l.Cell, Twin: l.Twin, Values: map[string]float64{harness.UnitControl: 100}})
	}
	samples[1].Values = map[string]float64{harness.UnitControl: 200}
	l, unmarked := replay(p, samples)
	if len(unmarked) != 1 || unmarked[0].Cell != samples[1].Cell || len(l.again) != 1 || len(samples[1].Marks) > 0 {
		t.Errorf("got unmarked samples %+v, scheduled slots %v", unmarked, l.again)
	}
	samples[1].Marks = []string{harness.MarkControl}
	if _, unmarked = replay(p, samples); unmarked != nil {
		t.Errorf("got unmarked samples %+v", unmarked)
	}
	if l, _ = replay(p, samples[:2]); len(l.whole) > 0 || l.attempts[slot{}] != 1 || len(l.blocks[0]) != 2 {
		t.Errorf("a turn that was cut short: %+v", l)
	}
}
