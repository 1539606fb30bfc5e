package analyze

import (
	"cmp"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Counsel is the answer of a run to a [harness.Need]: the strategy to use. It is based on the
// questions whose task sizes are nearest to the need's task size.
type Counsel struct {
	Need         harness.Need
	Below, Above Question // the questions with the next smaller and larger task size; the same if one question has the need's size
	Outside      bool     // the need's size is outside the measured sizes: the counsel is that for the nearest size
	Use          []Option // the best strategy first, then those that the run cannot distinguish from it
	Next         Option   // the best strategy whose Kind differs from that of Use, except loops; its Cell is zero if there is none
	Sure         Certainty
	Rounds       int  // number of rounds, at the neighbour with fewer rounds
	Why          Note // reason why no winner can be named; "" if there is one, or if only intervals are too wide
	Notes        []Note
}

// An Option is a strategy that a [Counsel] considers.
type Option struct {
	Cell  harness.Cell // the strategy's cell in the question Counsel.Above
	Gain  Estimate     // speed-up over a loop; it includes the start if the need has a number of tasks
	Start float64      // time until the workers are ready, in ns; 0 if unknown
	Pays  float64      // number of tasks from which the time saved, compared with a loop, exceeds Start; 0 if never or unknown

	unbeaten bool // in the questions Below and Above, no other strategy is better by a verdict
}

// Interpolated reports whether the task size of the need lies between two measured sizes.
func (c Counsel) Interpolated() bool { return c.Below.Place != c.Above.Place }

// Sizes of tasks relative to measured ones, as ratios.
const (
	sameSize  = 1.1 // up to this ratio, a task size counts as measured
	widestGap = 15  // up to this ratio of two neighbouring measured sizes, the answer between them may be Settled
	nearBytes = 2   // up to this ratio, a payload or memory size counts as similar to the measured one
)

// Counsel returns the run's answer to the need n, and reports whether the run has an answer. A run
// has no answer if its machine was busy (see [Analysis.Busy]), or if it measured no tasks of n's
// workload with similar data. If n's task size is outside the measured sizes, Counsel.Outside is
// true.
func (a *Analysis) Counsel(n harness.Need) (Counsel, bool) {
	if a.Busy() {
		return Counsel{}, false
	}
	sections := only(a.advised(), func(s Section) bool { return fits(n, s) })
	slices.SortStableFunc(sections, func(x, y Section) int {
		return cmp.Or(cmp.Compare(data(n, x), data(n, y)), len(y.Place.Task.Shape)-len(x.Place.Task.Shape)) // tasks that crash come first
	})
	var best Counsel
	found := false
	for _, s := range sections {
		c, ok := a.counsel(n, s)
		if ok && (!found || best.Outside && !c.Outside) {
			best, found = c, true
		}
	}
	return best, found
}

// fits reports whether the tasks of section s are of the kind that the need n describes. It ignores
// the grain (task size).
func fits(n harness.Need, s Section) bool {
	t := s.Place.Task
	shaped := t.Shape != "" && !(n.Crash && crashes(t.Shape) && !hasShape(t.Shape, "setup"))
	return t.Workload == n.Workload() && t.Spread == "" && !shaped && s.Waits() == (n.Wait > 0) && data(n, s) <= math.Log(nearBytes)
}

// data returns how much the data of the section's tasks differ from the data that the need
// describes. This is the absolute logarithm of a ratio: that of the two payloads or that of the two
// memory sizes, whichever logarithm is larger. It is infinite if only one of the two has a payload,
// or if only one has memory.
func data(n harness.Need, s Section) float64 {
	far := func(x, y int) float64 {
		switch {
		case x == y:
			return 0
		case x == 0 || y == 0:
			return math.Inf(1)
		}
		return math.Abs(math.Log(float64(x) / float64(y)))
	}
	return max(far(n.Payload, s.Place.Task.Payload), far(n.Memory, s.Place.Task.Memory))
}

// counsel returns the answer to the need n from section s, and reports whether the section has an
// answer.
func (a *Analysis) counsel(n harness.Need, s Section) (c Counsel, ok bool) {
	questions := only(s.Questions, func(q Question) bool { return q.Work.Known() && len(q.Rows) > 1 })
	if len(questions) == 0 {
		return c, false
	}
	c = Counsel{Need: n}
	c.Below, c.Above, c.Outside = neighbours(questions, float64(n.Size()))
	c.Use = a.options(c)
	if len(c.Use) == 0 {
		return c, false
	}
	best := c.Use[0]
	for _, o := range c.Use[1:] {
		if KindOf(o.Cell) != Loops && KindOf(o.Cell) != KindOf(best.Cell) {
			c.Next = o
			break
		}
	}
	c.Sure, c.Rounds = Settled, math.MaxInt
	for _, q := range []Question{c.Below, c.Above} {
		c.Sure = min(c.Sure, a.sure(q, at(best.Cell, q), n.Crash))
		c.Why = cmp.Or(c.Why, q.Winner.Why)
		for _, r := range q.Rows {
			if r.Cell == at(best.Cell, q) {
				c.Rounds = min(c.Rounds, r.N())
			}
		}
	}
	c.doubt(best)
	c.Use = only(c.Use, func(o Option) bool {
		return o.Cell == best.Cell || o.unbeaten && best.Gain.Value <= o.Gain.Value*(1+a.Settings.precision)
	})
	return c, true
}

// doubt lowers the certainty of the counsel in two cases:
//
//   - The measured tasks differ from the need in size, data or crashes.
//   - Starting the workers takes much of the time of the job.
func (c *Counsel) doubt(best Option) {
	work, size := c.Above.Work.Value, float64(c.Need.Size())
	task := c.Above.Task
	if c.starts(best) && c.Why == "" {
		c.Sure = min(c.Sure, Likely)
		for _, o := range c.Use {
			if KindOf(o.Cell) != KindOf(best.Cell) && !(o.Gain.Hi < best.Gain.Lo) {
				c.Sure = Uncertain
			}
		}
		c.Notes = append(c.Notes, "starting the workers is a large part of the time")
	}
	if c.Interpolated() && (!best.unbeaten || work > widestGap*c.Below.Work.Value) || task.Payload != c.Need.Payload || task.Memory != c.Need.Memory {
		c.Sure = min(c.Sure, Likely)
	}
	if !c.Interpolated() && !c.Outside && (work > size*sameSize || work < size/sameSize) {
		c.Sure = min(c.Sure, Likely)
		c.Notes = append(c.Notes, notef("in this run, tasks with a nominal size of %s take %s, including the time for their data", format.Time(size, 2), format.Time(work, 2)))
	}
	if c.Need.Crash && !crashes(task.Shape) {
		c.Sure = min(c.Sure, Likely)
		c.Notes = append(c.Notes, "the measured tasks do not crash; tasks that crash need worker processes")
	}
}

// size returns the task size to which the counsel applies: the time of a task in the direct loop,
// in ns. This is usually the size of the need. If the counsel rests on a measured task of a clearly
// different size, it is the measured size of that task.
func (c Counsel) size() float64 {
	size, measured := float64(c.Need.Size()), c.Above.Work.Value
	if c.Interpolated() || measured <= size*sameSize && measured >= size/sameSize {
		return size
	}
	return measured
}

// starts reports whether starting the workers takes more than a twentieth of the time of the job.
// It checks the option best, and each option that no other strategy beats if the start is left out.
func (c *Counsel) starts(best Option) bool {
	const large = 0.05
	job := float64(c.Need.Tasks) * c.size() / max(1, best.Gain.Value)
	return c.Need.Tasks > 0 && slices.ContainsFunc(c.Use, func(o Option) bool {
		return o.Start > large*job && (o.Cell == best.Cell || o.unbeaten)
	})
}

// neighbours returns two of the questions: below has the next smaller work than size, and above the
// next larger. There are two exceptions:
//
//   - If the work of a question is close to size, or its nominal grain equals size, both results
//     are this question.
//   - If size lies outside the measured sizes, both results are the nearest question, and outside
//     is true.
func neighbours(questions []Question, size float64) (below, above Question, outside bool) {
	same := func(q Question) bool { return q.Work.Value <= size*sameSize && q.Work.Value >= size/sameSize }
	nominal := func(q Question) bool { return float64(q.Task.Grain) == size } // the grain that the suite asked for, even if its tasks take longer
	for _, is := range []func(Question) bool{same, nominal} {
		if i := slices.IndexFunc(questions, is); i >= 0 {
			return questions[i], questions[i], false
		}
	}
	i := slices.IndexFunc(questions, func(q Question) bool { return q.Work.Value > size })
	last := len(questions) - 1
	switch {
	case i == 0:
		return questions[0], questions[0], true
	case i < 0:
		return questions[last], questions[last], true
	}
	return questions[i-1], questions[i], false
}

// at returns cell c with its task replaced by the task of question q.
func at(c harness.Cell, q Question) harness.Cell {
	c.Task = q.Task
	return c
}

// options returns the strategies, including the direct loop, that were measured at both neighbours
// of the need: the next smaller and the next larger measured task size. The strategy with the
// largest speed-up comes first. If tasks may crash, only strategies with worker processes are
// options.
func (a *Analysis) options(c Counsel) (all []Option) {
	for _, high := range c.Above.Rows {
		low := find(c.Below.Rows, func(r Row) bool { return r.Cell == at(high.Cell, c.Below) })
		if high.Cell.Strategy == "serial" || !high.Speedup.Known() || !low.Speedup.Known() || c.Need.Crash && KindOf(high.Cell) != Workers {
			continue
		}
		o := Option{Cell: high.Cell, Gain: c.between(low.Speedup, high.Speedup), Start: max(low.Account.Start.Value, high.Account.Start.Value)}
		w := c.size()
		t := w / o.Gain.Value
		if o.Start > 0 && t < w {
			o.Pays = math.Ceil(o.Start / (w - t))
		}
		if n := float64(c.Need.Tasks); n > 0 {
			o.Gain = o.Gain.Times(n * t / (o.Start + n*t))
		}
		o.unbeaten = true
		for _, q := range []Question{c.Below, c.Above} {
			for _, r := range q.Rows {
				against := c.Need.Crash && KindOf(r.Cell) != Workers
				o.unbeaten = o.unbeaten && (against || q.Versus(at(o.Cell, q), r.Cell).Verdict != Worse)
			}
		}
		all = append(all, o)
	}
	slices.SortStableFunc(all, func(x, y Option) int { return cmp.Compare(y.Gain.Value, x.Gain.Value) })
	return all
}

// between returns the speed-up at the task size of the need, by linear interpolation between
// logarithms. low and high are the speed-ups at the next smaller and the next larger measured size.
//
// Relative to its value, each end of the interval is as far away as the same end of low or of high,
// whichever is farther.
func (c Counsel) between(low, high Estimate) Estimate {
	if !c.Interpolated() {
		return high
	}
	x := math.Log(float64(c.Need.Size())/c.Below.Work.Value) / math.Log(c.Above.Work.Value/c.Below.Work.Value)
	value := math.Exp((1-x)*math.Log(low.Value) + x*math.Log(high.Value))
	return Estimate{
		Value: value,
		Lo:    value * min(low.Lo/low.Value, high.Lo/high.Value),
		Hi:    value * max(low.Hi/low.Value, high.Hi/high.Value),
		N:     min(low.N, high.N),
	}
}

// sure returns how certain it is that cell c is the best of the question: that no other strategy is
// better by more than the precision of the run. If survivors is true, sure ignores strategies
// without worker processes.
func (a *Analysis) sure(q Question, c harness.Cell, survivors bool) Certainty {
	if q.Winner.Why != "" {
		return Uncertain
	}
	out, rounds := Settled, 0
	for _, r := range q.Rows {
		if r.Cell == c {
			rounds = r.N()
			continue
		}
		if survivors && KindOf(r.Cell) != Workers {
			continue
		}
		v := q.Versus(c, r.Cell)
		near := v.Ratio.N >= harness.FewestRounds && v.Within <= a.Settings.precision
		switch {
		case v.Verdict == Better || v.Verdict == Equivalent || near:
		case v.Verdict == Worse: // the best at the other neighbour: it is known which is which
			out = min(out, Likely)
		default:
			out = Uncertain
		}
	}
	switch {
	case rounds < PairedFrom: // without an interval nothing is likely
		return Uncertain
	case rounds < harness.FewestRounds:
		return Likely
	case out == Settled && !a.answered[q.Rows[0].Cell.Question()]:
		return Likely
	}
	return out
}
