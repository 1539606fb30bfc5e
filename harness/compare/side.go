package compare

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/payoff-bench/payoff/harness"
)

// A side is one of the two compared runs, with its values keyed by cell.
type side struct {
	Run
	cells  []harness.Cell                        // cells that the filter selects, even if they have no usable launch
	values map[harness.Cell]map[string]*launches // values keyed by cell and unit
	own    map[harness.Cell][]float64            // makespan per task of each launch, without the share of other processes
	units  []string                              // units of all samples, in the order of the table of units

	launches, marked, starved int      // numbers of launches; marked ones are contaminated
	faults                    []string // texts about invalid samples and values
}

// The type launches holds the values that the launches of one cell measured in one unit.
type launches struct {
	values  []float64
	marked  []bool
	starved []float64 // values of starved launches; used only if all launches are starved, and then without a verdict
}

// usable returns the values of the launches that other processes did not starve. If all launches
// are starved, it returns all values.
func (l *launches) usable() []float64 {
	if len(l.values) == 0 {
		return l.starved
	}
	return l.values
}

// gather returns a run with its values, keyed by cell and unit. It leaves out impossible values, and
// the second launches of A/A pairs.
func gather(r Run, o Options) side {
	s := side{Run: r, values: map[harness.Cell]map[string]*launches{}, own: map[harness.Cell][]float64{}, faults: slices.Clone(r.Faults)}
	units := map[string]bool{}
	for _, sample := range r.Samples {
		c := sample.Cell
		s.faults = append(s.faults, impossible(sample)...)
		if sample.Twin {
			continue
		}
		s.launches++
		of := s.values[c]
		if of == nil {
			of = map[string]*launches{}
			s.values[c] = of
			if o.Keep(c) {
				s.cells = append(s.cells, c)
			}
		}
		starved, marked := sample.Starved(), sample.Contaminated()
		switch {
		case starved:
			s.starved++
		case marked:
			s.marked++
		}
		for unit, v := range sample.Values {
			units[unit] = true
			if !possible(unit, v) {
				continue
			}
			l := of[unit]
			if l == nil {
				l = &launches{}
				of[unit] = l
			}
			if starved {
				l.starved = append(l.starved, v)
			} else {
				l.values, l.marked = append(l.values, v), append(l.marked, marked)
			}
		}
		if v := sample.Values[harness.UnitTask]; v > 0 && !starved {
			s.own[c] = append(s.own[c], v*(1-sample.Values[harness.UnitTaken]))
		}
	}
	for _, u := range harness.Units() {
		if units[u.Name] {
			s.units = append(s.units, u.Name)
			delete(units, u.Name)
		}
	}
	var others []string
	for unit := range units {
		others = append(others, unit)
	}
	slices.Sort(others)
	s.units = append(s.units, others...)
	slices.SortFunc(s.cells, byAxes)
	return s
}

// possible reports whether a launch can measure the value v in the unit. No value can be negative.
// A time must be above zero, but a CPU time, whose unit contains "nsec", may be zero.
func possible(unit string, v float64) bool {
	return v > 0 || v == 0 && (!isTime(unit) || isNsec(unit))
}

// Invalid returns a text for each sample or value of the run that is impossible, and so cannot come
// from a measurement.
func (r Run) Invalid() []string {
	texts := slices.Clone(r.Faults)
	for _, s := range r.Samples {
		texts = append(texts, impossible(s)...)
	}
	return texts
}

// impossible returns a text for each value of the sample that no launch can measure.
func impossible(s harness.Sample) (texts []string) {
	for _, unit := range slices.Sorted(maps.Keys(s.Values)) {
		if v := s.Values[unit]; !possible(unit, v) {
			texts = append(texts, fmt.Sprintf("%s: %s is %v in round %d", s.Cell.Name(), unit, v, s.Round))
		}
	}
	return texts
}

// byAxes compares two cells for sorting: by their values on each axis, in the order of the axes in
// cell names. Numbers sort by size. The strategy direct comes before all others.
func byAxes(x, y harness.Cell) int {
	for _, a := range axes {
		p, q := a.Text(x), a.Text(y)
		if p == q {
			continue
		}
		m, errM := strconv.Atoi(p)
		n, errN := strconv.Atoi(q)
		switch {
		case errM == nil && errN == nil:
			return cmp.Compare(m, n)
		case a.Key == "strategy" && (p == harness.Direct || q == harness.Direct):
			if p == harness.Direct {
				return -1
			}
			return 1
		}
		return cmp.Compare(p, q)
	}
	return 0
}

var axes = harness.AllAxes()

// shared returns the cells that both xs and ys contain, in the order of xs.
func shared(xs, ys []harness.Cell) (both []harness.Cell) {
	have := map[harness.Cell]bool{}
	for _, y := range ys {
		have[y] = true
	}
	for _, x := range xs {
		if have[x] {
			both = append(both, x)
		}
	}
	return both
}

// missing returns the cells that only one side has. If a value on an axis was renamed, the same
// cell has a different name on each side. So if a cell that only one side has and a cell that only
// the other side has differ on a single axis, the hint of each has the value of the other.
func missing(a, b side) (all []Missing) {
	lost, added := without(a.cells, b.cells), without(b.cells, a.cells)
	for _, c := range lost {
		all = append(all, Missing{Name: c.Name(), Side: "new", Hint: hint(c, added, "new")})
	}
	for _, c := range added {
		all = append(all, Missing{Name: c.Name(), Side: "old", Hint: hint(c, lost, "old")})
	}
	return all
}

// without returns the cells of xs that ys does not contain.
func without(xs, ys []harness.Cell) (left []harness.Cell) {
	both := shared(xs, ys)
	have := map[harness.Cell]bool{}
	for _, c := range both {
		have[c] = true
	}
	return slices.DeleteFunc(slices.Clone(xs), func(c harness.Cell) bool { return have[c] })
}

// hint returns a remedy for the cell c, which the side with the given name lacks. candidates are
// the cells that only that side has. One of them may be the same cell with another name.
func hint(c harness.Cell, candidates []harness.Cell, side string) string {
	for _, d := range candidates {
		var differ []string
		for _, a := range axes {
			if a.Text(c) != a.Text(d) {
				differ = append(differ, a.Key+"="+a.Text(d))
			}
		}
		if len(differ) == 1 {
			return fmt.Sprintf("the %s side has %s instead, which may be its new name", side, differ[0])
		}
	}
	return "measure the same suite on both sides, or select shared cells with --filter"
}

// lacking returns the entry in Table.Missing for a series whose unit one side did not measure in the
// cell. If inOld is set, the old side lacks the unit, and otherwise the new side.
func lacking(s Series, inOld bool, a, b side) Missing {
	name, in := "new", b
	if inOld {
		name, in = "old", a
	}
	m := Missing{Name: s.Name, Unit: s.Unit, Side: name, Hint: "the launches of this side do not have the unit; use --unit with a unit that both sides have"}
	if why := in.Info.Absent[s.Unit]; why != "" {
		m.Hint = why
	}
	return m
}
