package chart

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// weighed returns the chunkings for regret charts, grouped by place. A chunking has the results of
// one strategy with several chunks. weighed omits a place if its chunkings have only fixed chunks
// and one kind of task, because a regret chart would then only repeat the chunk charts.
func weighed(a *analyze.Analysis) [][]analyze.Chunking {
	return slices.DeleteFunc(a.ChunkingsByPlace(), func(all []analyze.Chunking) bool {
		return !slices.ContainsFunc(all, func(k analyze.Chunking) bool {
			return len(k.Sweeps) > 1 || slices.ContainsFunc(k.Chunks, func(c harness.Chunk) bool { return c.Fixed() == 0 })
		})
	})
}

// regret draws a heat map for each strategy, with a row for each kind of task and a column for each
// chunk. It draws a frame around the best fixed chunk, unless there are too few rounds for a
// verdict or another chunk was faster. The regret of a chunk is how much longer a job takes with it
// than with the best fixed chunk.
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
			p.Y.Names = append(p.Y.Names, kindOf(s, k))
			negative := slices.ContainsFunc(s.Rows, func(r analyze.Regret) bool { return r.Over.Ratio.Known() && r.Value() < 0 })
			for _, r := range s.Rows {
				if e := r.Over.Ratio; e.Known() {
					t := bounded(Point{X: float64(slices.Index(k.Chunks, r.Chunk)), Y: float64(y), Z: r.Value()}, e)
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
	c.Caption = fmt.Sprintf("Each tile shows how much longer a job takes than with the reference, in %%: %s of paired launches, %s. In each round, the reference is the fixed number of tasks per chunk with the smallest median makespan over the other rounds. A tile below 0 means that its chunk was faster. "+
		"Verdicts: %s confidence, margin %s. %s",
		n.center(), n.rounds(), format.Percent(a.Settings.Confidence), format.Percent(a.Settings.Margin), machine(a))
}
