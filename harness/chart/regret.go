package chart

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// compared returns the chunkings of each place with a policy or with several kinds of tasks. For
// others, a heat map would only repeat the chunk charts.
func compared(a *analyze.Analysis) [][]analyze.Chunking {
	return slices.DeleteFunc(a.ChunkingsByPlace(), func(all []analyze.Chunking) bool {
		return !slices.ContainsFunc(all, func(k analyze.Chunking) bool {
			return len(k.Sweeps) > 1 || slices.ContainsFunc(k.Chunks, func(c harness.Chunk) bool { return c.Fixed() == 0 })
		})
	})
}

// regret draws a heat map of kinds of tasks by chunks, with a panel for each strategy.
func regret(c *Chart, a *analyze.Analysis, all []analyze.Chunking) {
	place := analyze.PlaceOf(all[0].Who)
	c.about(place, place.String(), cores(place))
	c.height = 100
	x := newExtent()
	for _, k := range all {
		for _, s := range k.Sweeps {
			for _, r := range s.Rows {
				x.count(r.Over.Ratio.N)
			}
		}
		p := newPanel(strategyOf(k))
		p.X.Min, p.X.Max = -0.5, float64(len(k.Chunks))-0.5
		p.Y.Min, p.Y.Max = -0.5, float64(len(k.Sweeps))-0.5
		p.X.Tick.Marker = columnTicks(k.Chunks, func(c harness.Chunk) string { return string(c) })
		p.Y.Tick.Marker = rowTicks(k.Sweeps, func(s analyze.Sweep) string { return kindOf(s, k) })
		p.X.Tick.Length, p.Y.Tick.Length = 0, 0
		p.X.LineStyle.Width, p.Y.LineStyle.Width = 0, 0
		p.Add(tiles(k))
		c.panels = append(c.panels, []panel{p})
		c.height += float64(52 + 21*len(k.Sweeps))
	}
	c.across = "chunk: a fixed number, or a policy"
	c.Caption = fmt.Sprintf("Each tile shows how much longer a job takes than with the best fixed number for these tasks (framed), in %%: %s of paired launches, %s. "+
		"Darker is worse; hatched: unresolved at %s with a margin of %s. The best of several is chosen from the same launches, so regrets are biased upwards. %s",
		x.center(), x.rounds(), format.Percent(a.Settings.Confidence), format.Percent(a.Settings.Margin), machine(a))
}
