package analyze

import (
	"cmp"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Chunking is one strategy on a grid of tasks, each with a sweep of chunks: the cost of
// each chunk against the best fixed number for the task (its regret, T/T_best − 1).
type Chunking struct {
	Who      harness.Cell    // without grain, spread and chunk
	Chunks   []harness.Chunk // of all sweeps, numbers first
	Sweeps   []Sweep         // by grain and spread
	Policies []Policy        // by chunk, numbers first
	Notes    []Note
}

// A Sweep is one task of a Chunking.
type Sweep struct {
	Task harness.Task
	Work Estimate      // w, ns per task of the direct loop
	Best harness.Chunk // the fixed number that came out fastest
	Rows []Regret      // by chunk, numbers first
	// Band is the smallest and the largest of neighbouring numbers around Best that take at
	// most usableRegret longer.
	Band [2]harness.Chunk
}

// A Regret is one chunk of a Sweep.
type Regret struct {
	Chunk    harness.Chunk
	Size     int        // tasks that are handed over every time; 0 for a policy that varies it
	Makespan Estimate   // ns per task
	Over     Comparison // with Best: T/T_best paired by round

	pairs []pair
}

// Value returns the regret as a fraction; below 0 where the chunk beats the best number.
func (r Regret) Value() float64 { return r.Over.Ratio.Value - 1 }

// Row returns the regret of a chunk, an empty one where the chunk was not measured.
func (s Sweep) Row(chunk harness.Chunk) Regret {
	return find(s.Rows, func(r Regret) bool { return r.Chunk == chunk })
}

// A Policy sums up the cost of a chunk over the grid.
type Policy struct {
	Chunk      harness.Chunk
	Mean       Estimate // of T/T_best over the grid: its geometric mean, paired by round
	P95, Worst float64  // regret; P95 is the smallest that 95 % of the grid do not exceed
	At         Sweep    // where it is worst
	N          int      // tasks of the grid
}

const (
	sweepFrom    = 3   // fixed numbers of which one can be called best
	usableRegret = 0.1 // within the band
)

// chunkings returns a Chunking for each strategy whose chunks were swept.
func chunkings(t *table) []Chunking {
	var out []Chunking
	for _, grid := range grouped(swept(t), func(cells []harness.Cell) harness.Cell { return anySweep(cells[0]) }) {
		c := Chunking{Who: anySweep(grid[0][0])}
		for _, cells := range grid {
			c.Sweeps = append(c.Sweeps, newSweep(t, cells))
		}
		slices.SortFunc(c.Sweeps, func(a, b Sweep) int {
			return cmp.Or(cmp.Compare(a.Task.Grain, b.Task.Grain), cmp.Compare(a.Task.Spread, b.Task.Spread))
		})
		c.sumUp(t.set)
		c.Notes = append(c.Notes, "the best number has the smallest median over rounds; the regret of a round is against the number that was best in the other rounds")
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Chunking) int { return compareCells(a.Who, b.Who) })
	return out
}

// anySweep returns the cell without grain, spread and chunk.
func anySweep(c harness.Cell) harness.Cell {
	c.Grain, c.Spread, c.Chunk = 0, "", ""
	return c
}

// swept returns the cells that differ in their chunk alone, where there are enough numbers
// among them.
func swept(t *table) [][]harness.Cell {
	all := grouped(t.others(), func(c harness.Cell) harness.Cell {
		c.Chunk = ""
		return c
	})
	return only(all, func(cells []harness.Cell) bool { return len(only(cells, isNumber)) >= sweepFrom })
}

// isNumber reports whether the chunk of the cell is a fixed number.
func isNumber(c harness.Cell) bool { return c.Chunk.Fixed() > 0 }

// isPlain reports whether the chunk is a choice of a user without knowledge of the tasks.
func isPlain(c harness.Cell) bool { return c.Chunk == "1" || c.Chunk == "auto" }

// crowd returns the cells that no question asks about, since a reader could not follow:
// those of a sweep with policies in it, but for the two choices of a user without knowledge of
// the tasks, 1 and auto; those of a [Scale]; and streams with several windows. They have a
// Scale, a Chunking or an Ordering of their own.
func crowd(t *table) map[harness.Cell]bool {
	out := map[harness.Cell]bool{}
	leave := func(cells []harness.Cell) {
		for _, c := range cells {
			out[c] = true
		}
	}
	for _, cells := range swept(t) {
		others := only(cells, func(c harness.Cell) bool { return !isPlain(c) })
		if len(others) < len(cells) && len(only(cells, isNumber)) < len(cells) {
			leave(others)
		}
	}
	for _, cells := range streams(t) {
		if len(distinct(cells, window)) > 1 {
			leave(cells)
		}
	}
	var loops []harness.Cell // of scales
	for _, cells := range scaled(t, ByPayload) {
		leave(cells)
		for _, c := range cells {
			loops = append(loops, direct(c))
		}
	}
	asked := only(t.others(), func(c harness.Cell) bool { return !out[c] })
	leave(only(loops, func(loop harness.Cell) bool {
		return !slices.ContainsFunc(asked, func(c harness.Cell) bool { return direct(c) == loop })
	}))
	return out
}

// newSweep compares the cells, which differ in their chunk alone, with the number among them
// that has the smallest median over rounds of T/w.
func newSweep(t *table, cells []harness.Cell) Sweep {
	best := t.best(only(cells, isNumber), func(logs []float64) float64 { return math.Exp(Median(logs)) })
	s := Sweep{Task: best.Task, Best: best.Chunk, Work: t.median(direct(best)), Rows: make([]Regret, len(cells))}
	regrets := t.regrets(cells, best)
	var family []contest
	for i, c := range cells {
		r := Regret{Chunk: c.Chunk, Size: c.Chunk.Constant(int(t.tasks[s.Task]), c.Workers), Makespan: t.median(c), pairs: regrets[c]}
		if c == best {
			r.Over = Comparison{Ratio: exactly(r.Makespan.N), Verdict: Equivalent}
		} else {
			family = append(family, contest{c, best, r.pairs, &s.Rows[i].Over})
		}
		s.Rows[i] = r
	}
	t.judge(family)
	s.Band = s.band()
	return s
}

// regrets returns ln(T/T_best) of each cell by turn, where the best number of a turn is chosen
// from the other rounds: a number that was only lucky in its own rounds gains nothing. A turn
// without that number has the best of all rounds.
func (t *table) regrets(cells []harness.Cell, best harness.Cell) map[harness.Cell][]pair {
	chosen := map[int]harness.Cell{} // by round
	for _, round := range t.rounds {
		elsewhere := func(p pair) bool { return p.turn.round != round }
		scores := map[harness.Cell]float64{}
		var numbers []harness.Cell
		for _, c := range only(cells, isNumber) {
			if rest := only(t.pairs(c, direct(c)), elsewhere); len(rest) > 0 {
				scores[c] = Median(logs(rest))
				numbers = append(numbers, c)
			}
		}
		chosen[round] = best
		if len(numbers) > 0 {
			chosen[round] = slices.MinFunc(numbers, func(a, b harness.Cell) int { return cmp.Compare(scores[a], scores[b]) })
		}
	}
	out := map[harness.Cell][]pair{}
	for _, c := range cells {
		over := map[harness.Cell]map[turn]pair{}
		for _, p := range t.pairs(c, best) {
			than := chosen[p.turn.round]
			if over[than] == nil {
				over[than] = map[turn]pair{}
				for _, q := range t.pairs(c, than) {
					over[than][q.turn] = q
				}
			}
			if q, ok := over[than][p.turn]; ok {
				p = q
			}
			out[c] = append(out[c], p)
		}
	}
	return out
}

// band returns the ends of the usable numbers on both sides of the best.
func (s Sweep) band() [2]harness.Chunk {
	rows := only(s.Rows, func(r Regret) bool { return r.Chunk.Fixed() > 0 })
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

// settled reports whether no other number may be better than the best.
func (s Sweep) settled() bool {
	return !slices.ContainsFunc(s.Rows, func(r Regret) bool { return r.Chunk.Fixed() > 0 && r.Over.Verdict == Unresolved })
}

// sumUp fills in Chunks, and Policies of those that were measured against the best of every
// sweep.
func (c *Chunking) sumUp(set Settings) {
	type regret struct {
		Regret
		at Sweep
	}
	var all []regret
	for _, s := range c.Sweeps {
		for _, r := range s.Rows {
			all = append(all, regret{r, s})
		}
	}
	c.Chunks = distinct(all, func(r regret) harness.Chunk { return r.Chunk })
	slices.SortFunc(c.Chunks, harness.Chunk.Compare)
	for _, chunk := range c.Chunks {
		rs := only(all, func(r regret) bool { return r.Chunk == chunk && r.Over.Ratio.Known() })
		n := len(rs)
		if n < len(c.Sweeps) {
			if n > 0 {
				c.Notes = append(c.Notes, notef("chunk %s was measured on %d of %d kinds of tasks, and is not summed up", chunk, n, len(c.Sweeps)))
			}
			continue
		}
		slices.SortFunc(rs, func(a, b regret) int { return cmp.Compare(a.Value(), b.Value()) })
		p := Policy{Chunk: chunk, N: n, P95: rs[int(math.Ceil(0.95*float64(n)))-1].Value(), Worst: rs[n-1].Value(), At: rs[n-1].at}
		var pairs []pair
		for _, r := range rs {
			pairs = append(pairs, r.pairs...)
		}
		var means []float64 // of the rounds that have all tasks
		for _, round := range grouped(pairs, func(p pair) turn { return p.turn.anyBlock() }) {
			if len(round) == n {
				mean := 0.0
				for _, p := range round {
					mean += p.log / float64(n)
				}
				means = append(means, mean)
			}
		}
		p.Mean = fromLogs(means, set.Confidence)
		c.Policies = append(c.Policies, p)
	}
}

// Policy returns the sum of a chunk, an empty one where there is none.
func (c Chunking) Policy(chunk harness.Chunk) Policy {
	return find(c.Policies, func(p Policy) bool { return p.Chunk == chunk })
}

// Plain returns the policies of a user without knowledge of the tasks: auto, one by one, and the
// number that costs least over all of them, which is named; none where no number was summed
// up.
func (c Chunking) Plain() (all []Policy, number harness.Chunk) {
	known := only(c.Policies, func(p Policy) bool { return p.Mean.Known() })
	numbers := only(known, func(p Policy) bool { return p.Chunk.Fixed() > 0 })
	if len(numbers) == 0 {
		return nil, ""
	}
	number = slices.MinFunc(numbers, func(a, b Policy) int { return cmp.Compare(a.Mean.Value, b.Mean.Value) }).Chunk
	return only(known, func(p Policy) bool { return p.Chunk == "auto" || p.Chunk == "1" || p.Chunk == number }), number
}

// Spreads returns how the tasks of the sweeps differ.
func (c Chunking) Spreads() []string {
	return distinct(c.Sweeps, func(s Sweep) string { return s.Task.Spread })
}
