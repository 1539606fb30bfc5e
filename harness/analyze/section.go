package analyze

import (
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Section holds the results for one kind of task, number of cores and order of delivery, at all
// grains (task sizes) that were measured.
type Section struct {
	Place      Place
	Most       bool        // no section of the same tasks and order has more cores
	Questions  []Question  // by grain
	Curves     []Curve     // one for each strategy; none for tasks that wait
	Crossovers []Crossover // crossovers with the direct loop come first
}

// Has reports whether any strategy of the section has a known value in its account. The function
// item selects the value from an account.
func (s Section) Has(item func(Account) Estimate) bool {
	return slices.ContainsFunc(s.Questions, func(q Question) bool {
		return slices.ContainsFunc(q.Rows, func(r Row) bool { return item(r.Account).Known() })
	})
}

// Waits reports whether the tasks mostly wait, for example for a timer, instead of computing.
func (s Section) Waits() bool { return s.Questions[0].Waits }

// Plain reports whether the tasks only compute: they have no data, no memory and no faults, and the
// suite does not set their number.
func (s Section) Plain() bool {
	t := s.Place.Task
	return !s.Waits() && t.Shape == "" && t.Memory == 0 && t.Payload == 0 && t.Tasks == 0
}

// Main returns the main section of a run, and reports whether there is one. Among the sections on
// the most cores whose tasks only compute, it is the one with the most grains. It needs at least
// two grains.
func Main(sections []Section) (best Section, ok bool) {
	for _, s := range sections {
		if s.Most && s.Plain() && len(s.Questions) > max(1, len(best.Questions)) {
			best, ok = s, true
		}
	}
	return best, ok
}

// A Series is a strategy with its parameters, at all task sizes. It is a cell whose task has the
// zero Size.
type Series = harness.Cell

// SeriesOf returns the series of a cell: the cell without its task size.
func SeriesOf(c harness.Cell) Series {
	c.Task = c.Task.Sized(harness.Size{})
	return c
}

// A grid holds the cells of a section, which differ only in task size and strategy. The direct loop
// is in the grids of all orders of delivery for its task and cores, since it has no order.
type grid struct {
	*table
	cells  []harness.Cell // direct first
	sizes  []harness.Size
	series []Series
	left   map[harness.Cell]bool // cells of the table that are left out of the questions; see crowd
	spent  map[harness.Cell]Account
}

// cell returns the cell of series s at the given size, and reports whether the grid has this cell.
func (g grid) cell(s Series, size harness.Size) (harness.Cell, bool) {
	s.Task = s.Task.Sized(size)
	return s, slices.Contains(g.cells, s)
}

// sections returns a section for each kind of task, number of cores and order of delivery in the
// table.
func sections(t *table, spent map[harness.Cell]Account) (out []Section) {
	left := crowd(t)
	kept := func(c harness.Cell) bool { return !left[c] }
	along := func(c harness.Cell) Place { return PlaceOf(c).along() }
	loops, groups := only(only(t.all, isDirect), kept), grouped(only(others(t.all), kept), along)
	for i, cells := range groups {
		groups[i] = append(only(loops, func(loop harness.Cell) bool { return along(loop) == along(direct(cells[0])) }), cells...)
	}
	alone := only(loops, func(loop harness.Cell) bool {
		return !slices.ContainsFunc(groups, func(cells []harness.Cell) bool { return slices.Contains(cells, loop) })
	})
	for _, cells := range append(groups, grouped(alone, along)...) {
		at := along(cells[len(cells)-1]) // the first may be direct, whose order is always map
		out = append(out, grid{table: t, cells: cells, left: left, spent: spent}.section(at))
	}
	slices.SortFunc(out, func(a, b Section) int { return a.Place.compare(b.Place) })
	for i, s := range out {
		out[i].Most = !slices.ContainsFunc(out, func(o Section) bool { return o.Place.anyCores() == s.Place.anyCores() && o.Place.Cores > s.Place.Cores })
	}
	return out
}

func (g grid) section(at Place) Section {
	g.sizes = slices.SortedFunc(slices.Values(distinct(g.cells, func(c harness.Cell) harness.Size { return c.Task.Size() })), harness.Size.Compare)
	g.series = distinct(g.cells, SeriesOf)
	s := Section{Place: at, Questions: g.questions(at)}
	s.Crossovers = g.crossovers(s.Questions)
	if !s.Waits() {
		s.Curves = g.curves()
	}
	return s
}
