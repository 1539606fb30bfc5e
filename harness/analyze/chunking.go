package analyze

import (
	"cmp"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Chunking compares the chunks of one strategy for several kinds of tasks. A chunk is the number
// of tasks that a worker receives at a time. The regret of a chunk is T/T_best − 1. T is the
// makespan with the chunk, and T_best is the makespan with the best fixed chunk for the same tasks.
type Chunking struct {
	Who      harness.Cell    // the strategy; grain, spread and chunk are not set
	Chunks   []harness.Chunk // chunks of all sweeps, fixed chunks first
	Sweeps   []Sweep         // by grain and spread
	Policies []Policy        // by chunk, fixed chunks first
	Notes    []Note
}

// A Sweep holds the results of all chunks for one task of a Chunking.
type Sweep struct {
	Task harness.Task
	Work Estimate      // w, ns per task of the direct loop
	Best harness.Chunk // the fastest fixed chunk
	Rows []Regret      // by chunk, fixed chunks first
	// Band is the range of fixed chunks around Best, from the smallest to the largest, whose regret
	// is at most usableRegret.
	Band [2]harness.Chunk
}

// A Regret says how much longer a job takes with one chunk than with the best fixed chunk of the
// same [Sweep].
type Regret struct {
	Chunk    harness.Chunk
	Size     int        // tasks per chunk; 0 for a policy that varies it
	Makespan Estimate   // ns per task
	Over     Comparison // makespan divided by that of the best fixed chunk, paired by round

	pairs []pair
}

// Value returns the regret as a fraction. It is negative if the chunk is faster than the best fixed
// chunk.
func (r Regret) Value() float64 { return r.Over.Ratio.Value - 1 }

// Row returns the regret of a chunk, or the zero Regret if the chunk was not measured.
func (s Sweep) Row(chunk harness.Chunk) Regret {
	return find(s.Rows, func(r Regret) bool { return r.Chunk == chunk })
}

// A Policy summarizes the regrets of one chunk over all tasks of a [Chunking].
type Policy struct {
	Chunk      harness.Chunk
	Mean       Estimate // geometric mean of T/T_best over all tasks, paired by round
	P95, Worst float64  // 95th percentile and maximum of the regret over all tasks
	At         Sweep    // the sweep with the largest regret
	N          int      // number of kinds of tasks
}

const (
	sweepFrom    = 3   // number of fixed chunks that a sweep needs, so that one of them can be called the best
	usableRegret = 0.1 // largest regret within a Band
)

// chunkings returns a Chunking for each strategy of which at least sweepFrom fixed chunks were
// measured.
func chunkings(t *table) []Chunking {
	var out []Chunking
	for _, grid := range grouped(swept(t), func(cells []harness.Cell) harness.Cell { return anySweep(cells[0]) }) {
		c := Chunking{Who: anySweep(grid[0][0]), Sweeps: mapped(grid, t.newSweep)}
		slices.SortFunc(c.Sweeps, func(a, b Sweep) int {
			return cmp.Or(a.Task.Size().Compare(b.Task.Size()), cmp.Compare(a.Task.Spread, b.Task.Spread))
		})
		c.sumUp(t.set)
		c.Notes = append(c.Notes, "each chunk is compared with the fixed number of tasks per chunk that has the smallest median makespan. For each round, this number is chosen from the other rounds, so that a number that was fast by chance in a round is not the reference of that round. The table marks the number chosen from all rounds")
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Chunking) int { return CompareCells(a.Who, b.Who) })
	return out
}

// anySweep returns the cell without its task size, spread and chunk: the parameters that vary in a
// [Chunking].
func anySweep(c harness.Cell) harness.Cell {
	c = SeriesOf(c)
	c.Spread, c.Chunk = "", ""
	return c
}

// swept returns the sweeps: groups of cells that differ only in their chunk. Each group has at
// least sweepFrom fixed chunks.
func swept(t *table) [][]harness.Cell {
	all := grouped(others(t.all), func(c harness.Cell) harness.Cell {
		c.Chunk = ""
		return c
	})
	return only(all, func(cells []harness.Cell) bool { return len(only(cells, isNumber)) >= sweepFrom })
}

// isNumber reports whether the chunk of the cell is a fixed number of tasks and not a policy.
func isNumber(c harness.Cell) bool { return c.Chunk.Fixed() > 0 }

// isPlain reports whether the chunk of the cell is 1 or auto. A user can choose these chunks
// without knowing the tasks.
func isPlain(c harness.Cell) bool { return c.Chunk == "1" || c.Chunk == "auto" }

// crowd returns the cells that questions leave out, because more rows would be hard to read. A
// [Chunking], a [Scale] or an [Ordering] shows these cells. They are:
//
//   - chunks other than 1 and auto, in a sweep with policies that includes chunk 1 or auto; but not
//     those of a user's Python function
//   - the cells of a [Scale] along the payload, and direct loops that only they need
//   - streams that were measured with several windows
func crowd(t *table) map[harness.Cell]bool {
	out := map[harness.Cell]bool{}
	leave := func(cells []harness.Cell) {
		for _, c := range cells {
			out[c] = true
		}
	}
	for _, cells := range swept(t) {
		if cells[0].Workload == harness.PythonTask {
			continue // the answer for a user's function names the chunk
		}
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
	var loops []harness.Cell // direct loops of scales
	for _, cells := range scaled(t, ByPayload) {
		leave(cells)
		loops = append(loops, mapped(cells, direct)...)
	}
	asked := only(others(t.all), func(c harness.Cell) bool { return !out[c] })
	leave(only(loops, func(loop harness.Cell) bool {
		return !slices.ContainsFunc(asked, func(c harness.Cell) bool { return direct(c) == loop })
	}))
	return out
}

// newSweep compares the cells, which differ only in their chunk, with the cell of the best fixed
// chunk. For each fixed chunk, it takes the ratio of the makespan to that of the direct loop in
// each round. The best chunk has the smallest median of these ratios.
func (t *table) newSweep(cells []harness.Cell) Sweep {
	best := t.best(only(cells, isNumber), func(logs []float64) float64 { return math.Exp(Median(logs)) })
	s := Sweep{Task: best.Task, Best: best.Chunk, Work: t.median(direct(best)), Rows: make([]Regret, len(cells))}
	regrets := t.regrets(cells, best)
	var family []contest
	for i, c := range cells {
		r := Regret{Chunk: c.Chunk, Size: c.Chunk.Constant(int(t.tasks[s.Task]), c.Workers), Makespan: t.median(c), pairs: regrets[c]}
		if c == best {
			r.Over = Comparison{Ratio: exactly(r.Makespan.N), Verdict: Equivalent}
		} else {
			family = append(family, contest{a: c, b: best, pairs: r.pairs, into: &s.Rows[i].Over})
		}
		s.Rows[i] = r
	}
	t.judge(family)
	s.Band = s.band()
	return s
}

// regrets returns, for each cell, one pair per turn: the logarithm of the ratio of the cell's
// makespan to that of the best fixed chunk.
//
// The best fixed chunk of a round is the one that is fastest over all other rounds taken together.
// So a chunk that was fast by chance in one round does not become the best of that round. If a turn
// did not measure this chunk, regrets uses the chunk of the cell best, which is the fastest over
// all rounds.
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

// band returns the smallest and the largest fixed chunk of the usable range. This range surrounds
// the best fixed chunk, and each fixed chunk in it has a regret of at most usableRegret.
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

// settled reports whether the comparison of every fixed chunk with the best fixed chunk has a
// verdict.
func (s Sweep) settled() bool {
	return !slices.ContainsFunc(s.Rows, func(r Regret) bool { return r.Chunk.Fixed() > 0 && r.Over.Verdict == Unresolved })
}

// sumUp sets c.Chunks to all chunks of all sweeps. It sets c.Policies to the summaries of the
// chunks that every sweep measured.
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
				c.Notes = append(c.Notes, notef("chunk %s was measured for only %d of %d kinds of tasks, so it has no summary", chunk, n, len(c.Sweeps)))
			}
			continue
		}
		slices.SortFunc(rs, func(a, b regret) int { return cmp.Compare(a.Value(), b.Value()) })
		p := Policy{Chunk: chunk, N: n, P95: rs[int(math.Ceil(0.95*float64(n)))-1].Value(), Worst: rs[n-1].Value(), At: rs[n-1].at}
		pairs := slices.Concat(mapped(rs, func(r regret) []pair { return r.pairs })...)
		var means []float64 // one mean for each round that has all tasks
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

// Policy returns the summary of the given chunk, or the zero Policy if the chunk has no summary.
func (c Chunking) Policy(chunk harness.Chunk) Policy {
	return find(c.Policies, func(p Policy) bool { return p.Chunk == chunk })
}

// Plain returns the summaries of the three chunks that one can choose without knowing the tasks:
// auto, 1, and the fixed chunk with the smallest mean cost over all tasks. It also returns this
// fixed chunk as number. Both results are empty if no fixed chunk has a summary.
func (c Chunking) Plain() (all []Policy, number harness.Chunk) {
	known := only(c.Policies, func(p Policy) bool { return p.Mean.Known() })
	numbers := only(known, func(p Policy) bool { return p.Chunk.Fixed() > 0 })
	if len(numbers) == 0 {
		return nil, ""
	}
	number = slices.MinFunc(numbers, func(a, b Policy) int { return cmp.Compare(a.Mean.Value, b.Mean.Value) }).Chunk
	return only(known, func(p Policy) bool { return p.Chunk == "auto" || p.Chunk == "1" || p.Chunk == number }), number
}

// Spreads returns the distinct spreads of the tasks in the sweeps. A spread is a distribution of
// work over tasks, such as lognormal.
func (c Chunking) Spreads() []string {
	return distinct(c.Sweeps, func(s Sweep) string { return s.Task.Spread })
}
