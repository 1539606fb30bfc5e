package gate

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/compare"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/suite"
)

// Baselines returns the folders of the other runs to which the gates compare this run. Each folder
// occurs once.
func (f File) Baselines() (folders []string) {
	for _, g := range f.Gates {
		if g.Baseline != "" && !slices.Contains(folders, g.Baseline) {
			folders = append(folders, g.Baseline)
		}
	}
	return folders
}

// Check compares the gates with the results of a run. others must contain the runs of
// [File.Baselines], keyed by folder. If a gate selects no cell of the run, or if its keys
// contradict the run, Check returns a [toml.Error].
//
// Check judges the speed-ups of all gates together: the probability that any verdict about them is
// wrong is at most 1 - set.Confidence. It also judges the ratios of one gate of kind [Baseline]
// together. It compares each other limit with the interval of one estimate, independently of all
// others.
//
// If the files of a run were changed, Check decides no gate that uses the run, unless force is set.
func (f File) Check(run compare.Run, others map[string]compare.Run, set analyze.Settings, force bool) (Report, error) {
	if len(run.Samples) == 0 {
		return Report{}, errors.New("the run has no samples")
	}
	if invalid := run.Invalid(); len(invalid) > 0 {
		return Report{}, fmt.Errorf("%s of the run cannot come from a measurement; remove their lines from samples.txt, or measure again; the first is %s", format.Count(len(invalid), "value"), invalid[0])
	}
	c := checker{File: f, run: run, others: others, set: set, force: force, a: analyze.New(run.Info, run.Samples, set)}
	for i, g := range f.Gates {
		c.results = append(c.results, Result{Gate: g})
		switch c.at = i; g.Kind {
		case SpeedUp:
			c.speedUps()
		case METG:
			c.metg()
		case Value:
			c.values()
		case Baseline:
			c.baseline()
		}
	}
	c.judge()
	if err := f.doc.Err(); err != nil {
		return Report{}, err
	}
	r := Report{Results: c.results, Doubtful: run.Info.Foreign != "" && !force}
	if run.Info.Finished.IsZero() {
		r.Notes = append(r.Notes, "the run is in progress or was killed, so cells may be absent")
	}
	if run.Info.Foreign != "" {
		r.Notes = append(r.Notes, c.doubt("the results", run.Info))
	}
	if c.a.Busy() {
		r.Notes = append(r.Notes, fmt.Sprintf("the machine was busy: other processes took the cores of %d of %s, so no gate is decided", c.a.Starved, format.Count(c.a.Launches, "launch")))
	}
	for i := range r.Results {
		one := &r.Results[i]
		for k := range one.Evidence {
			if e := &one.Evidence[k]; (c.a.Busy() || r.Doubtful) && e.Verdict != Missing {
				e.Verdict = Unresolved
			}
			one.Verdict = max(one.Verdict, one.Evidence[k].Verdict)
		}
		if len(one.Evidence) == 0 {
			one.Verdict = Missing
		}
	}
	return r, nil
}

// A checker holds the state of [File.Check].
type checker struct {
	File
	run     compare.Run
	others  map[string]compare.Run
	set     analyze.Settings
	force   bool // decide gates although files were changed
	a       *analyze.Analysis
	at      int // index of the gate that is checked
	results []Result

	limits []analyze.Limit // limits of all speed-ups in the file
	places [][2]int        // indexes of the result and the evidence of each limit
}

// doubt returns a note on a run whose files were changed. name is the name of the run in the note.
func (c *checker) doubt(name string, i harness.Info) string {
	note := name + " are doubtful: " + i.Foreign
	if !c.force {
		note += ", so no gate that uses them is decided; the flag --force decides these gates nevertheless"
	}
	return note
}

// fail records an error at the given key of the current gate.
func (c *checker) fail(key, format string, args ...any) {
	c.doc.Fail(fmt.Sprintf("gate[%d].%s", c.at, key), format, args...)
}

// add appends the evidence e to the result of the gate that is being checked.
func (c *checker) add(e Evidence) {
	c.results[c.at].Evidence = append(c.results[c.at].Evidence, e)
}

// selected returns the cells in all that the filter f selects, sorted. key is the key of the
// current gate that holds the filter. If f selects no cell, selected records an error at this key.
func (c *checker) selected(key string, f suite.Filter, all []harness.Cell) (cells []harness.Cell) {
	if err := f.Check(all); err != nil {
		c.fail(key, "the run has no such cell: %v", err)
		return nil
	}
	for _, cell := range slices.SortedFunc(slices.Values(all), analyze.CompareCells) {
		if f.Selects(cell) {
			cells = append(cells, cell)
		}
	}
	if len(cells) == 0 {
		c.fail(key, "%s selects no cell of the run: each of its values exists, but no cell has all of them; remove a value", key)
	}
	return cells
}

// cells returns the cells that the current gate limits. The filter of the gate selects these cells,
// and the size of their tasks is between From and To. If there is no such cell, cells records an
// error.
func (c *checker) cells() (cells []harness.Cell) {
	g := c.Gates[c.at]
	all := c.selected("cells", g.Cells, c.a.Cells())
	sizes := c.sizes()
	for _, cell := range all {
		if g.takes(sizes[cell.Question()]) {
			cells = append(cells, cell)
		}
	}
	if len(cells) == 0 && len(all) > 0 {
		key, words := "from", "from "+format.Time(float64(g.From), 3)+" on"
		if g.To > 0 {
			key, words = "to", "from "+format.Time(float64(max(1, g.From)), 3)+" to "+format.Time(float64(g.To), 3)
		}
		largest := 0.0
		for _, cell := range all {
			largest = max(largest, sizes[cell.Question()])
		}
		c.fail(key, "the run has no such cell with task times %s; the largest tasks take %s", words, format.Time(largest, 3))
	}
	return cells
}

// takes reports whether the gate limits cells with tasks of the given size: the time of a task in
// ns.
func (g Gate) takes(size float64) bool {
	return float64(g.From) <= size && (g.To == 0 || size <= float64(g.To))
}

// sizes returns the time of one task, in ns, for each question. A question is a task on a number of
// cores.
func (c *checker) sizes() map[harness.Question]float64 {
	sizes := map[harness.Question]float64{}
	for _, cell := range c.a.Cells() {
		sizes[cell.Question()] = float64(cell.Grain)
	}
	for _, q := range c.a.Questions() {
		sizes[harness.Question{Task: q.Task, Cores: q.Cores}] = q.Size()
	}
	return sizes
}

// hasInterval reports whether the interval of the estimate is finite. A median of counts can have
// an interval with a lower end of 0, which [analyze.Estimate.Bounded] would reject.
func hasInterval(e analyze.Estimate) bool { return e.N > 1 && !math.IsInf(e.Hi, 1) }

// compared returns the verdict about an estimate: Holds if its whole interval is within the limit,
// Fails if its whole interval is beyond the limit, and otherwise Unresolved. It returns Missing for
// an estimate without a value.
func (g Gate) compared(e analyze.Estimate) Verdict {
	switch {
	case !e.Known():
		return Missing
	case !hasInterval(e):
		return Unresolved
	case e.Hi <= g.Limit && !g.AtLeast, e.Lo >= g.Limit && g.AtLeast:
		return Holds
	case e.Lo > g.Limit && !g.AtLeast, e.Hi < g.Limit && g.AtLeast:
		return Fails
	}
	return Unresolved
}

// values compares the limit of the gate with the median of its unit in each selected cell. It adds
// the comparisons as evidence.
func (c *checker) values() {
	g := c.Gates[c.at]
	readings := analyze.Readings(c.run.Samples, c.set, g.Unit)
	for _, cell := range c.cells() {
		r := readings[cell]
		e := Evidence{Cell: cell, Estimate: r.Median, Verdict: g.compared(r.Median)}
		switch clean := g.compared(r.Clean); {
		case e.Verdict == Missing:
			e.Notes = append(e.Notes, "no launch measured "+g.Unit)
			if why := c.run.Info.Absent[g.Unit]; why != "" {
				e.Notes[0] += ": " + why
			}
		case r.Busy:
			e.Verdict, e.Notes = Unresolved, append(e.Notes, "the machine was busy: other processes took the cores of most launches")
		case analyze.Few(r.Median.N):
			e.few(g, r.Median.N)
		case r.Clean.N < r.Median.N && clean != e.Verdict:
			e.Notes = append(e.Notes, "without contaminated launches: "+g.shown(r.Clean)+", "+clean.String())
			e.weigh(clean)
		}
		c.add(e)
	}
}

// few withdraws the verdict of the evidence, because n rounds are too few for a verdict.
func (e *Evidence) few(g Gate, n int) {
	if e.Verdict == Holds || e.Verdict == Fails {
		e.Notes = append(e.Notes, fmt.Sprintf("likely verdict: %s; a verdict needs %s", e.Verdict, format.Count(harness.FewestRounds, "round")))
	} else {
		e.Notes = append(e.Notes, fmt.Sprintf("%s of %d", format.Count(n, "round"), harness.FewestRounds))
	}
	e.Verdict = Unresolved
}

// weigh withdraws the verdict of the evidence if it is the opposite of clean, the verdict without
// contaminated launches.
func (e *Evidence) weigh(clean Verdict) {
	if e.Verdict == Holds && clean == Fails || e.Verdict == Fails && clean == Holds {
		e.Verdict = Unresolved
	}
}

// metg compares the limit of the gate with the METG (minimum effective task granularity) of each
// selected strategy. It adds the comparisons as evidence.
func (c *checker) metg() {
	g := c.Gates[c.at]
	curves := map[harness.Cell]analyze.Curve{}
	var all []harness.Cell
	for _, s := range c.a.Sections {
		for _, curve := range s.Curves {
			curves[curve.Series] = curve
			all = append(all, curve.Series)
		}
	}
	if len(all) == 0 {
		c.fail("kind", "the run has no METG; to get one, measure the direct loop and a strategy at several grains of tasks that compute")
		return
	}
	for _, who := range c.selected("cells", g.Cells, all) {
		t := curves[who].METG
		e := Evidence{Cell: who, Estimate: t.At, Words: t.String(), Verdict: Unresolved}
		e.Estimate.N = t.N
		switch {
		case t.Kind == analyze.Passes:
			e.Verdict = g.compared(t.At)
		case t.Kind == analyze.AlwaysAbove: // METG is at most Bound
			e.Verdict = within(t.Bound <= g.Limit, g.AtLeast)
		case t.Kind == analyze.NeverAbove: // METG is above Bound
			e.Verdict = within(t.Bound >= g.Limit, !g.AtLeast)
		}
		if t.Kind != analyze.Passes {
			e.Estimate = analyze.Estimate{N: t.N}
		}
		for _, n := range t.Notes {
			e.Notes = append(e.Notes, string(n))
		}
		if analyze.Few(t.N) {
			e.few(g, t.N)
		}
		c.add(e)
	}
}

// within returns the verdict about a METG of which only a bound is known, such as "at most 210 ns".
// It depends on the values that the bound permits:
//
//   - If beyond is false, these values lie on both sides of the gate's limit, and the verdict is
//     Unresolved.
//   - If beyond is true, all of them lie on one side of the limit. The argument against says
//     whether values on this side break the limit. If they do, the verdict is Fails, and otherwise
//     Holds.
func within(beyond, against bool) Verdict {
	switch {
	case !beyond:
		return Unresolved
	case against:
		return Fails
	}
	return Holds
}
