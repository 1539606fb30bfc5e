package run

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// fewestFirst chooses the block with the fewest turns, and ends after the given number of turns.
func fewestFirst(blocks, most int) func([]harness.Sample) (int, bool) {
	return func(samples []harness.Sample) (int, bool) {
		turns := map[[2]int]bool{}
		counts := make([]int, blocks)
		for _, s := range samples {
			if at := [2]int{s.Block, s.Round}; !turns[at] {
				turns[at] = true
				counts[s.Block]++
			}
		}
		return slices.Index(counts, slices.Min(counts)), len(turns) < most
	}
}

// With Next, a run measures the blocks that Next chooses, probes no others, and continues in the same
// order when it is resumed.
func TestNext(t *testing.T) {
	t.Parallel()
	p := plan(1, 2, 2, 2)
	p.Search = true
	for b := range p.Blocks {
		for i := range p.Blocks[b].Cells {
			p.Blocks[b].Cells[i].Cores = 1
		}
	}
	measure := func(most, full int, before *sink) *sink {
		got := &sink{full: full}
		r := Runner{Launcher: Launcher{Command: []string{os.Args[0], launchArg}, Dir: t.TempDir(), Timeout: time.Minute}, Sink: got, Next: fewestFirst(2, most)}
		if before != nil {
			r.Jobs, r.Samples = before.jobs, before.samples
		}
		_, err := r.Run(context.Background(), p)
		if (err == nil) != (full == 0) {
			t.Fatal(err)
		}
		if before != nil {
			got.samples = append(slices.Clone(before.samples), got.samples...)
		}
		return got
	}
	whole := measure(7, 0, nil)
	if len(whole.jobs) != 2 {
		t.Errorf("%d tasks were probed, want the 2 that were measured", len(whole.jobs))
	}
	if n := len(whole.samples); n != 7*2+2 { // one of a block's three rounds has a twin
		t.Errorf("%d samples", n)
	}
	cut := measure(7, 5, nil)
	resumed := measure(7, 0, cut)
	var a, b []harness.Launch
	for _, s := range whole.samples {
		a = append(a, harness.Launch{Cell: s.Cell, Twin: s.Twin})
	}
	for _, s := range resumed.samples {
		b = append(b, harness.Launch{Cell: s.Cell, Twin: s.Twin})
	}
	if len(b) < len(a) || !slices.Equal(a[len(a)-6:], b[len(b)-6:]) {
		t.Errorf("resumed:\n%v\nwhole:\n%v", b, a)
	}
}
