package chart

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// chunk draws the makespan against the chunk, for a strategy that was measured with several chunks.
// It draws a panel for each kind of task. A policy that uses several chunk sizes in one job has no
// place on the x axis, so chunk omits it, except auto, which is a dashed line.
func chunk(c *Chart, a *analyze.Analysis, k analyze.Chunking) {
	place := analyze.PlaceOf(k.Who)
	c.about(place, place.String(), strategyOf(k), cores(place))
	c.Question = fmt.Sprintf(c.Question, strategyOf(k))
	look := newLook(a)
	most := 1.0
	banded := false
	for _, s := range k.Sweeps {
		p := &Panel{Title: sweepLabel(s, k), Form: Lines, X: Axis{Title: "chunk: tasks handed over at a time (log scale)", Unit: Count, Log: true},
			Y: Axis{Title: "time relative to the reference chunk (log scale)", Unit: Ratio, Log: true}}
		who := k.Who
		who.Chunk = "1"
		fixed := look.of(who, "a fixed number")
		policies := Series{Name: "static, quarters and slices, which use one chunk size per job", Style: neutral}
		auto := Ruler{Kind: Level, Words: "auto"}
		for _, r := range s.Rows {
			if !r.Over.Ratio.Known() {
				continue
			}
			switch x := float64(r.Size); {
			case r.Chunk.Fixed() > 0:
				fixed.add(x, r.Over.Ratio)
				most = max(most, x)
			case r.Chunk == "auto":
				auto.At = r.Over.Ratio.Value
			case r.Size > 0:
				if policies.add(x, r.Over.Ratio) {
					most = max(most, x)
				}
			}
		}
		p.show(fixed)
		policies.Loose = true
		p.show(policies)
		if auto.At > 0 {
			p.Rulers = append(p.Rulers, auto)
		}
		if s.Row(s.Best).Over.Ratio.N >= harness.FewestRounds {
			p.Band = [2]float64{float64(s.Band[0].Fixed()), float64(s.Band[1].Fixed())}
			banded = true
		}
		c.Panels = append(c.Panels, p)
	}
	for _, p := range c.Panels {
		p.X.ticks = powersOfFour(most)
		p.X.Min, p.X.Max = 0.7, most*1.4
	}
	c.across = min(len(k.Sweeps), 3)
	if n := len(k.Spreads()); n <= 4 && len(k.Sweeps)%n == 0 {
		c.across = n // one row per grain
	}
	rows := (len(c.Panels) + c.across - 1) / c.across
	c.Width = 720
	c.tall(float64(130 + 150*rows))
	c.Caption = c.judged(a, "The reference is the best fixed chunk: in each round, the one with the smallest median makespan in the other rounds. Points")
	if banded {
		c.Caption += " Shaded: numbers of tasks per chunk with which a job takes at most 10 % longer than with the reference."
	}
	c.Caption += " " + machine(a)
}

// strategyOf returns the label of the strategy of k, without a chunk. A Chunking has the results of
// one strategy with several chunks.
func strategyOf(k analyze.Chunking) string {
	c := k.Who
	c.Chunk = "1"
	return plain(analyze.Brief(c))
}

// plain returns the label of a strategy without the words "chunk 1".
func plain(label string) string {
	return strings.NewReplacer("(chunk 1, ", "(", " (chunk 1)", "", ", chunk 1)", ")", ", chunk 1,", ",").Replace(label)
}

// kindOf returns a label for the tasks of sweep s, such as "8.27 µs lognormal".
func sweepLabel(s analyze.Sweep, k analyze.Chunking) string {
	name := format.Time(cmp.Or(s.Work.Value, float64(s.Task.Grain)), 3)
	switch {
	case s.Task.Spread != "":
		name += " " + s.Task.Spread
	case len(k.Spreads()) > 1:
		name += " alike"
	}
	return name
}
