package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Run is a run of a suite that is one side of a comparison.
type Run struct {
	Folder  string
	Info    harness.Info
	Samples []harness.Sample
	Better  map[string]string // "lower" or "higher", keyed by unit, from the file of samples
	Faults  []string          // texts about samples and values that the reader left out
}

// Options are the settings of [Runs].
type Options struct {
	analyze.Settings
	Keep  func(harness.Cell) bool // reports whether to compare the cell; nil selects all cells
	Units []string                // units whose rows affect the outcome; nil means [DefaultUnits]
	All   bool                    // also compare all other units, which do not affect the outcome
	// Unchanged names workloads whose kernels are the same on both sides, so that their direct loops
	// also show the drift of their own cells. The word "all" means all workloads.
	Unchanged []string
	Anyway    bool // compare runs even if they are not comparable, and accept missing cells
}

// DefaultUnits lists the units whose rows affect the outcome by default: the makespan per task and,
// for tasks that arrive on a schedule, the 99th percentile of the response time.
var DefaultUnits = []string{harness.UnitTask, harness.UnitP99}

// Runs compares the cells of two runs that were made one after the other.
//
// Each interval of a ratio includes the drift of the machine between the runs. Runs estimates the
// drift from work that cannot have changed: the control loop in all launches, and direct loops. For
// a cell, it uses the direct loop of the cell's own workload only if both runs used the same
// programs, or if o.Unchanged contains the workload. Otherwise a slower kernel would look like drift.
func Runs(older, newer Run, o Options) (*Table, error) {
	o.Margin, o.Confidence = cmp.Or(o.Margin, 0.02), cmp.Or(o.Confidence, 0.95)
	if o.Waits == nil {
		o.Waits = func(string) bool { return false }
	}
	if o.Keep == nil {
		o.Keep = func(harness.Cell) bool { return true }
	}
	t := &Table{Title: "payoff compare: " + strings.Join(newer.Info.Suites, "+"), Old: Side{"old", older.Folder}, New: Side{"new", newer.Folder},
		Partial: o.Anyway, Margin: o.Margin, Confidence: o.Confidence}
	a, b := gather(older, o), gather(newer, o)
	for _, s := range []struct {
		side
		name string
	}{{a, "old"}, {b, "new"}} {
		switch {
		case len(s.Samples) == 0:
			return nil, fmt.Errorf("the %s side, %s, has no samples; measure it again: payoff run", s.name, s.Folder)
		case len(s.cells) == 0:
			return nil, fmt.Errorf("the %s side, %s, has no cell that the filter selects; change --filter", s.name, s.Folder)
		}
	}
	directions, err := t.directions(a, b)
	if err != nil {
		return nil, err
	}
	if err := o.check(a, b); err != nil {
		return nil, err
	}
	o.Units = untidied(o.Units, a, b)
	t.identify(a, b, o)
	drift := newDrifts(a, b, o)
	var deciding, further []Series
	for _, c := range shared(a.cells, b.cells) {
		units := o.unitsOf(c, a, b)
		for _, unit := range units {
			x, y := a.values[c][unit], b.values[c][unit]
			s := Series{Name: c.Name(), Unit: unit, Better: directions(unit), Gate: slices.Contains(o.units(), unit)}
			switch {
			case x == nil || y == nil:
				if s.Gate {
					t.Missing = append(t.Missing, lacking(s, x == nil, a, b))
				}
				continue
			case s.Gate:
				deciding = append(deciding, s.with(x, y, drift.of(c, unit)))
			default:
				further = append(further, s.with(x, y, drift.of(c, unit)))
			}
		}
		if len(units) == 0 {
			t.Missing = append(t.Missing, Missing{Name: c.Name(), Unit: strings.Join(o.units(), " or "), Side: "both", Hint: "choose another unit with --unit"})
		}
	}
	t.Missing = append(t.Missing, missing(a, b)...)
	t.Rows = append(Unpaired(deciding, o.Settings), Unpaired(further, o.Settings)...)
	t.hold(a, b, o)
	t.Notes = append(t.Notes, drift.notes(o)...)
	return t, nil
}

// check returns an error if o.Units contains a unit that no sample has, or if o.Unchanged contains
// an unknown workload.
func (o Options) check(a, b side) error {
	for _, unit := range untidied(o.Units, a, b) {
		if !slices.Contains(a.units, unit) && !slices.Contains(b.units, unit) {
			return &harness.UnknownError{Kind: "unit", Name: unit, Have: a.units}
		}
	}
	for _, name := range o.Unchanged {
		if !slices.ContainsFunc(a.Samples, func(s harness.Sample) bool { return s.Cell.Workload == name }) && name != "all" {
			var have []string
			for _, c := range a.cells {
				if !slices.Contains(have, c.Workload) {
					have = append(have, c.Workload)
				}
			}
			return &harness.UnknownError{Kind: "workload", Name: name, Have: append(have, "all")}
		}
	}
	return nil
}

// untidied replaces the unit names that benchstat prints by those that samples use. For example,
// benchstat prints ns/task as sec/task, and start-ns as start-sec.
func untidied(units []string, a, b side) (names []string) {
	for _, unit := range units {
		raw := strings.NewReplacer("-sec", "-ns").Replace(unit)
		if rest, ok := strings.CutPrefix(raw, "sec/"); ok {
			raw = "ns/" + rest
		}
		if slices.Contains(a.units, raw) || slices.Contains(b.units, raw) {
			unit = raw
		}
		names = append(names, unit)
	}
	return names
}

// units returns the units whose rows affect the outcome: o.Units or, if it is empty, the default.
func (o Options) units() []string {
	if o.Units == nil {
		return DefaultUnits
	}
	return o.Units
}

// unitsOf returns the units in which to compare the cell: the units whose rows affect the outcome,
// if a side measured them in this cell. If o.All is set, it adds all other units that both sides
// measured.
func (o Options) unitsOf(c harness.Cell, a, b side) (units []string) {
	for _, unit := range a.units {
		if slices.Contains(o.units(), unit) && (a.values[c][unit] != nil || b.values[c][unit] != nil) {
			units = append(units, unit)
		}
	}
	for _, unit := range b.units { // units that only the new side has
		if slices.Contains(o.units(), unit) && !slices.Contains(a.units, unit) && b.values[c][unit] != nil {
			units = append(units, unit)
		}
	}
	if !o.All {
		return units
	}
	for _, unit := range a.units {
		if !slices.Contains(o.units(), unit) && a.values[c][unit] != nil && b.values[c][unit] != nil {
			units = append(units, unit)
		}
	}
	return units
}

// directions returns a function that says whether "lower" or "higher" values of a unit are better,
// or "" if this is unknown. The function prefers the direction in the samples to that of the table
// [harness.Units]. If the two sides have different directions for a unit, directions returns an
// error.
func (t *Table) directions(a, b side) (func(unit string) string, error) {
	for unit, better := range b.Better {
		if other := a.Better[unit]; other != "" && other != better {
			return nil, fmt.Errorf("unit %s: %s is better on the old side, %s on the new side; correct the line \"Unit %s better=\" in samples.txt of one side", unit, other, better, unit)
		}
	}
	return func(unit string) string {
		if better := cmp.Or(a.Better[unit], b.Better[unit]); better != "" {
			return better
		}
		u, err := harness.Find(harness.Units(), "unit", unit, func(u harness.Unit) string { return u.Name })
		if err != nil {
			return ""
		}
		return u.Better
	}, nil
}

// with returns the series with the values of both sides and the drift between them.
func (s Series) with(older, newer *launches, drift analyze.Drift) Series {
	s.Old, s.New, s.OldMarked, s.NewMarked, s.Drift = older.usable(), newer.usable(), older.marked, newer.marked, drift
	return s
}

// hold withdraws the verdicts of rows that are unreliable, and adds the reasons as doubts. There
// are three reasons:
//
//   - The machine of a side was busy.
//   - The A/A pairs (two launches of the same cell) of a side differ too much.
//   - Makespan and core time changed differently.
func (t *Table) hold(a, b side, o Options) {
	distrust := []func(harness.Cell) analyze.Note{analyze.Distrust(a.Samples, o.Settings), analyze.Distrust(b.Samples, o.Settings)}
	for i := range t.Rows {
		r := &t.Rows[i]
		c, _, err := harness.ParseName(r.Name)
		if err != nil {
			continue
		}
		for k, side := range []Side{t.Old, t.New} {
			if doubt := distrust[k](c); doubt != "" {
				r.hold(side.Name + " side: " + string(doubt))
			}
		}
		if r.Unit == harness.UnitTask && (r.Verdict == analyze.Better || r.Verdict == analyze.Worse) {
			own := analyze.Sides{Old: a.own[c], New: b.own[c]}.Ratio()
			if !(math.Log(own)/math.Log(r.Ratio.Value) > 0.5) {
				r.hold(fmt.Sprintf("two measures disagree: the ratio of makespans is %s, but without the core time of other processes it is %s",
					format.Number(r.Ratio.Value, 3), format.Number(own, 3)))
			}
		}
	}
}

// hold withdraws the verdict of the row. It adds why, the reason, to the doubts of the row.
func (r *Row) hold(why string) {
	r.Verdict, r.Leans, r.Rounds, r.Within = analyze.Unresolved, analyze.Unresolved, 0, math.Inf(1)
	r.Doubts = append(r.Doubts, why)
}
