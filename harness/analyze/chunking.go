package analyze

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Chunking is one strategy on a grid of tasks, each with a sweep of chunks: what the
// choice of a chunk costs against the best fixed number for the task (its regret,
// T/T_best − 1).
type Chunking struct {
	Who      harness.Cell // without grain, spread and chunk
	Sweeps   []Sweep      // by grain and spread
	Policies []Policy     // by chunk, numbers first
	Notes    []Note
}

// Chunks returns the chunks of all sweeps in order.
func (c Chunking) Chunks() (all []harness.Chunk) {
	for _, s := range c.Sweeps {
		for _, r := range s.Rows {
			if !slices.Contains(all, r.Chunk) {
				all = append(all, r.Chunk)
			}
		}
	}
	slices.SortFunc(all, harness.Chunk.Compare)
	return all
}

// A Sweep is one task of a Chunking.
type Sweep struct {
	Task  harness.Task
	Tasks float64       // in the job
	Work  Estimate      // w, ns per task of the direct loop
	Best  harness.Chunk // the fixed number that came out fastest
	Rows  []Regret      // by chunk, numbers first
	// Band is the smallest and the largest of neighbouring numbers around Best that take at
	// most usableRegret longer.
	Band [2]harness.Chunk
}

// A Regret is one chunk of a Sweep.
type Regret struct {
	Chunk    harness.Chunk
	Makespan Estimate   // ns per task
	Over     Comparison // with Best: T/T_best paired by round

	pairs []pair
}

// Value returns the regret as a fraction; below 0 where the chunk beats the best number.
func (r Regret) Value() float64 { return r.Over.Ratio.Value - 1 }

// A Policy sums up what a chunk costs over the grid.
type Policy struct {
	Chunk      harness.Chunk
	Mean       Estimate     // of T/T_best over the grid: its geometric mean, paired by round
	P95, Worst float64      // regret; P95 is the smallest that 95 % of the grid do not exceed
	At         harness.Task // where it is worst
	N          int          // tasks of the grid
}

const (
	sweepFrom    = 3   // fixed numbers of which one can be called best
	usableRegret = 0.1 // within the band
)

// chunkings returns a Chunking for each strategy whose chunks were swept.
func chunkings(t *table, set Settings) []Chunking {
	grids := map[harness.Cell][]Sweep{}
	for _, cells := range swept(t) {
		who := cells[0]
		who.Grain, who.Spread, who.Chunk = 0, "", ""
		grids[who] = append(grids[who], newSweep(t, cells, set))
	}
	var out []Chunking
	for who, sweeps := range grids {
		slices.SortFunc(sweeps, func(a, b Sweep) int {
			return cmp.Or(cmp.Compare(a.Task.Grain, b.Task.Grain), cmp.Compare(a.Task.Spread, b.Task.Spread))
		})
		c := Chunking{Who: who, Sweeps: sweeps}
		c.sumUp(set)
		c.Notes = append(c.Notes, "the best number is the one whose median over rounds came out fastest, picked from the same launches: it was lucky too, so that regrets are rather too high than too low, by about the half-width of an interval where several numbers are as good")
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Chunking) int {
		return cmp.Or(PlaceOf(a.Who).compare(PlaceOf(b.Who)), CompareSeries(a.Who, b.Who))
	})
	return out
}

// swept returns the cells that differ in their chunk alone, where there are enough numbers
// among them.
func swept(t *table) [][]harness.Cell {
	by := map[harness.Cell][]harness.Cell{}
	for c := range t.cells {
		if c.Strategy == harness.Direct {
			continue
		}
		key := c
		key.Chunk = ""
		by[key] = append(by[key], c)
	}
	var out [][]harness.Cell
	for _, cells := range by {
		if len(numbers(cells)) >= sweepFrom {
			slices.SortFunc(cells, CompareSeries)
			out = append(out, cells)
		}
	}
	return out
}

// numbers returns the cells whose chunk is a fixed number.
func numbers(cells []harness.Cell) []harness.Cell {
	return slices.DeleteFunc(slices.Clone(cells), func(c harness.Cell) bool { return c.Chunk.Fixed() == 0 })
}

// crowd returns the cells that no question asks about, since a reader could not follow:
// those of a sweep with policies in it, but for the two that somebody may choose who knows
// nothing of the tasks, 1 and auto; those of a [Scale]; and streams with several windows. They
// have that, or a Chunking or an Ordering, of their own.
func crowd(t *table) map[harness.Cell]bool {
	out := map[harness.Cell]bool{}
	for _, cells := range swept(t) {
		plain := func(c harness.Cell) bool { return c.Chunk == "1" || c.Chunk == "auto" }
		if len(numbers(cells)) == len(cells) || !slices.ContainsFunc(cells, plain) {
			continue
		}
		for _, c := range cells {
			if !plain(c) {
				out[c] = true
			}
		}
	}
	for _, cells := range windowed(t) {
		for _, c := range cells {
			out[c] = true
		}
	}
	alone := map[harness.Cell]bool{} // direct where nothing but a scale stands beside it
	for who, at := range scaled(t, ByPayload) {
		for _, n := range at {
			c := ByPayload.with(who, n)
			out[c], alone[direct(c)] = true, true
		}
	}
	for c := range t.cells {
		if c.Strategy != harness.Direct && !out[c] {
			delete(alone, direct(c))
		}
	}
	maps.Copy(out, alone)
	return out
}

// newSweep compares the cells, which are in order, with the fastest number among them.
func newSweep(t *table, cells []harness.Cell, set Settings) Sweep {
	best := bestNumber(t, numbers(cells))
	s := Sweep{Task: best.Task, Tasks: t.tasks[best.Task], Best: best.Chunk, Work: summary(t.values(direct(best)), set.Confidence)}
	var family [][]float64
	for _, c := range cells {
		r := Regret{Chunk: c.Chunk, Makespan: summary(t.values(c), set.Confidence), pairs: t.pairs(c, best)}
		if c != best {
			family = append(family, logs(r.pairs))
		}
		s.Rows = append(s.Rows, r)
	}
	over := compare(family, set.Confidence, set.Margin)
	for i := range s.Rows {
		if r := &s.Rows[i]; r.Chunk == s.Best {
			r.Over = Comparison{Ratio: Estimate{1, 1, 1, r.Makespan.N}, Verdict: Equivalent}
		} else {
			r.Over, over = over[0], over[1:]
		}
	}
	s.Band = s.band()
	return s
}

// bestNumber returns the cell whose median over rounds of T/w is the smallest; of T where
// direct is missing.
func bestNumber(t *table, cells []harness.Cell) harness.Cell {
	score := func(c harness.Cell) float64 {
		if xs := logs(t.pairs(c, direct(c))); len(xs) > 0 {
			slices.Sort(xs)
			return math.Exp(median(xs))
		}
		return summary(t.values(c), 0.95).Value / max(summary(t.values(direct(c)), 0.95).Value, 1e-300)
	}
	return slices.MinFunc(cells, func(a, b harness.Cell) int {
		return cmp.Or(cmp.Compare(score(a), score(b)), CompareSeries(a, b))
	})
}

// band looks to both sides of the best number.
func (s Sweep) band() [2]harness.Chunk {
	rows := slices.DeleteFunc(slices.Clone(s.Rows), func(r Regret) bool { return r.Chunk.Fixed() == 0 })
	usable := func(i int) bool {
		return i >= 0 && i < len(rows) && rows[i].Over.Ratio.Known() && rows[i].Value() <= usableRegret
	}
	lo := slices.IndexFunc(rows, func(r Regret) bool { return r.Chunk == s.Best })
	hi := lo
	for usable(lo - 1) {
		lo--
	}
	for usable(hi + 1) {
		hi++
	}
	return [2]harness.Chunk{rows[lo].Chunk, rows[hi].Chunk}
}

// sumUp fills in Policies, of chunks that were measured against the best of every sweep.
func (c *Chunking) sumUp(set Settings) {
	type regret struct {
		Regret
		at harness.Task
	}
	by := map[harness.Chunk][]regret{}
	for _, s := range c.Sweeps {
		for _, r := range s.Rows {
			if r.Over.Ratio.Known() {
				by[r.Chunk] = append(by[r.Chunk], regret{r, s.Task})
			}
		}
	}
	for _, chunk := range slices.SortedFunc(maps.Keys(by), harness.Chunk.Compare) {
		rs := by[chunk]
		if n := len(rs); n < len(c.Sweeps) {
			c.Notes = append(c.Notes, Note(fmt.Sprintf("chunk %s was measured on %d of %d kinds of tasks, and is not summed up", chunk, n, len(c.Sweeps))))
			continue
		}
		slices.SortFunc(rs, func(a, b regret) int { return cmp.Compare(a.Value(), b.Value()) })
		p := Policy{Chunk: chunk, N: len(rs)}
		p.P95 = rs[int(math.Ceil(0.95*float64(p.N)))-1].Value()
		p.Worst, p.At = rs[p.N-1].Value(), rs[p.N-1].at
		rounds, seen := map[turn]float64{}, map[turn]int{}
		for _, r := range rs {
			for _, q := range r.pairs {
				at := turn{q.turn.round, q.turn.attempt, 0}
				rounds[at] += q.log / float64(p.N)
				seen[at]++
			}
		}
		var means []float64
		for _, at := range turns(rounds) {
			if seen[at] == p.N {
				means = append(means, rounds[at])
			}
		}
		p.Mean = fromLogs(means, set.Confidence)
		c.Policies = append(c.Policies, p)
	}
}

// Policy returns the sum of a chunk; ok is false where there is none.
func (c Chunking) Policy(chunk harness.Chunk) (p Policy, ok bool) {
	i := slices.IndexFunc(c.Policies, func(p Policy) bool { return p.Chunk == chunk })
	if i < 0 {
		return p, false
	}
	return c.Policies[i], true
}
