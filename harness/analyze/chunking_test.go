package analyze_test

import (
	"math"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
)

func chunkings(c analyzetest.Chunking) []analyze.Chunking {
	return analyze.New(harness.Info{}, c.Samples(), analyze.Settings{}).Chunkings
}

func TestChunking(t *testing.T) {
	all := chunkings(analyzetest.Bathtub)
	if len(all) != 1 || len(all[0].Sweeps) != 2 {
		t.Fatalf("%+v", all)
	}
	c := all[0]
	for i, want := range []struct {
		spread string
		best   harness.Chunk
		band   [2]harness.Chunk
	}{{"", "16", [2]harness.Chunk{"16", "64"}}, {"last", "4", [2]harness.Chunk{"4", "16"}}} {
		s := c.Sweeps[i]
		if s.Task.Spread != want.spread || s.Best != want.best || s.Band != want.band || len(s.Rows) != 11 || s.Row("static").Size < 1000 {
			t.Errorf("%v: best %s, band %v, %d rows, static %d tasks at a time", s.Task, s.Best, s.Band, len(s.Rows), s.Row("static").Size)
		}
		over := analyzetest.Bathtub.Over[s.Task]
		for _, r := range s.Rows {
			want := over[r.Chunk] / over[s.Best]
			if e := r.Over.Ratio; math.Abs(e.Value/want-1) > 0.01 || e.N != 6 || e.Lo > want*1.003 || e.Hi < want/1.003 {
				t.Errorf("%v, chunk %s: %v, want %.3f", s.Task, r.Chunk, e, want)
			}
			verdict := analyze.Equivalent
			if want > 1.03 {
				verdict = analyze.Worse
			} else if want < 0.97 {
				verdict = analyze.Better
			}
			if got := r.Over.Verdict; got != verdict && (want == 1 || math.Abs(want-1) > 0.031) {
				t.Errorf("%v, chunk %s: %v, want %v", s.Task, r.Chunk, got, verdict)
			}
		}
	}
	for chunk, want := range map[harness.Chunk][2]float64{"auto": {0.065, 0.1}, "1": {0.375, 0.5}, "guided": {-0.045, 0.01}, "4": {0.1, 0.2}} {
		p := c.Policy(chunk)
		if p.N != 2 || math.Abs(p.Mean.Value-1-want[0]) > 0.01 || !p.Mean.Bounded() || math.Abs(p.Worst-want[1]) > 0.012 || p.P95 != p.Worst {
			t.Errorf("chunk %s: %+v, want mean %v and worst %v", chunk, p, want[0], want[1])
		}
	}
	if p := c.Policy("auto"); p.At.Task.Spread != "last" {
		t.Errorf("auto is worst at %v", p.At)
	}
}

// TestChunkingOfAPart checks that a chunk without samples for some task has no summary. It also
// checks that there is no sweep if too few fixed chunks were measured.
func TestChunkingOfAPart(t *testing.T) {
	all := analyzetest.Bathtub.Samples()
	without := func(drop func(harness.Cell) bool) []analyze.Chunking {
		some := slices.DeleteFunc(slices.Clone(all), func(s harness.Sample) bool { return drop(s.Cell) })
		return analyze.New(harness.Info{}, some, analyze.Settings{}).Chunkings
	}
	got := without(func(c harness.Cell) bool { return c.Chunk == "auto" && c.Spread == "last" })
	if got[0].Policy("auto").Mean.Known() || len(got[0].Notes) != 2 {
		t.Errorf("auto on one task of two: %+v", got[0].Policies)
	}
	if got := without(func(c harness.Cell) bool { return c.Chunk.Fixed() > 4 }); len(got) != 0 {
		t.Errorf("two numbers: %+v", got)
	}
	if got := without(func(c harness.Cell) bool { return c.Strategy == harness.Direct }); len(got) != 1 || got[0].Sweeps[0].Best != "16" {
		t.Errorf("without direct: %+v", got)
	}
	for n := range 40 { // a run that was killed
		analyze.New(harness.Info{}, all[:n], analyze.Settings{})
	}
}

// TestQuestionsOfASweep checks that questions hold only chunks 1 and auto of a sweep with policies,
// but all chunks of a sweep without policies.
func TestQuestionsOfASweep(t *testing.T) {
	rows := func(samples []harness.Sample) (chunks []harness.Chunk) {
		for _, r := range analyze.New(harness.Info{}, samples, analyze.Settings{}).Questions()[0].Rows {
			chunks = append(chunks, r.Cell.Chunk)
		}
		return chunks
	}
	all := analyzetest.Bathtub.Samples()
	if got := rows(all); !slices.Equal(got, []harness.Chunk{"1", "1", "auto"}) {
		t.Errorf("%v", got)
	}
	fixed := slices.DeleteFunc(slices.Clone(all), func(s harness.Sample) bool { return s.Cell.Chunk.Fixed() == 0 })
	if got := rows(fixed); len(got) != 6 {
		t.Errorf("%v", got)
	}
}
