package chart

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// weighed returns the results for regret charts, grouped by place. A Chunking has the results of
// one strategy with several chunks. weighed omits a group with only fixed chunks and one kind of
// task, because the chunk charts already show all of it.
func weighed(a *analyze.Analysis) [][]analyze.Chunking {
	return slices.DeleteFunc(a.ChunkingsByPlace(), func(all []analyze.Chunking) bool {
		return !slices.ContainsFunc(all, func(k analyze.Chunking) bool {
			return len(k.Sweeps) > 1 || slices.ContainsFunc(k.Chunks, func(c harness.Chunk) bool { return c.Fixed() == 0 })
		})
	})
}

// regret draws a heat map of regrets for each strategy, with a row for each kind of task and a
// column for each chunk. The regret of a chunk is how much longer a job takes with it than with the
// best fixed chunk. A frame marks the best fixed chunk if there are enough rounds for a verdict and
// no chunk was faster.
func regret(c *Chart, a *analyze.Analysis, all []analyze.Chunking) {
	place := analyze.PlaceOf(all[0].Who)
	c.about(place, place.String(), cores(place))
	c.Height = 110
	for _, k := range all {
		p := &Panel{Title: strategyOf(k), Form: Tiles, X: Axis{Title: "chunk: a fixed number of tasks, or a policy"}, Z: Axis{Title: "extra time compared with the best fixed chunk", Unit: Share}, Series: []Series{{}}}
		for _, chunk := range k.Chunks {
			p.X.Names = append(p.X.Names, string(chunk))
		}
		for y, s := range k.Sweeps {
			p.Y.Names = append(p.Y.Names, sweepLabel(s, k))
			negative := slices.ContainsFunc(s.Rows, func(r analyze.Regret) bool { return r.Over.Ratio.Known() && r.Value() < 0 })
			for _, r := range s.Rows {
				if e := r.Over.Ratio; e.Known() {
					t := withInterval(Point{X: float64(slices.Index(k.Chunks, r.Chunk)), Y: float64(y), Z: r.Value()}, e)
					t.Lo, t.Hi = t.Lo-1, t.Hi-1
					t.Best = r.Chunk == s.Best && !negative && !t.hollow()
					t.Open = r.Chunk != s.Best && (r.Over.Verdict == analyze.Unresolved || t.hollow())
					p.Series[0].Points = append(p.Series[0].Points, t)
				}
			}
		}
		c.Panels = append(c.Panels, p)
		c.Height += float64(56 + 21*len(k.Sweeps))
	}
	c.Width = 720
	c.tileKeys()
	n := c.counts()
	c.Caption = fmt.Sprintf("Each tile shows, in %%, how much longer a job takes than with the best fixed chunk (%s of paired launches, %s). In each round, the best fixed chunk is the one with the smallest median makespan in the other rounds. A tile below 0 means that its chunk was faster. "+
		"Verdicts: %s confidence, margin %s. %s",
		n.center(), n.rounds(), format.Percent(a.Settings.Confidence), format.Percent(a.Settings.Margin), machine(a))
}
