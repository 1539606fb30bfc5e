package analyze

import (
	"maps"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Section is one kind of task on some cores in one order, along the grain.
type Section struct {
	Place      Place
	Most       bool        // no section of the same tasks and order has more cores
	Questions  []Question  // by grain
	Curves     []Curve     // by strategy; none for tasks that wait
	Crossovers []Crossover // against direct first
}

// Has reports whether any strategy of the section has an item of its account.
func (s Section) Has(item func(Account) Estimate) bool {
	return slices.ContainsFunc(s.Questions, func(q Question) bool {
		return slices.ContainsFunc(q.Rows, func(r Row) bool { return item(r.Account).Known() })
	})
}

// Waits reports whether the tasks mostly wait.
func (s Section) Waits() bool { return s.Questions[0].Waits }

// A Series is a strategy with its parameters, along the grain: a cell whose Grain is 0.
type Series = harness.Cell

// A grid is the cells of a section: they differ in the grain and in the strategy, and in
// nothing else. Direct stands in every grid of its task and cores, whatever the order.
type grid struct {
	*table
	grains []int
	series []Series // direct first
	cells  map[harness.Cell]bool
	left   map[harness.Cell]bool // no questions ask about these, wherever they stand; see crowd
	spent  map[harness.Cell]Account
}

// cell returns the cell of a series with a grain, and whether the grid has it.
func (g grid) cell(who Series, grain int) (harness.Cell, bool) {
	who.Grain = grain
	return who, g.cells[who]
}

// sections returns all that the table has along the grain, by place.
func sections(t *table, spent map[harness.Cell]Account) []Section {
	left := crowd(t)
	by := map[Place]map[harness.Cell]bool{}
	add := func(at Place, c harness.Cell) {
		if by[at] == nil {
			by[at] = map[harness.Cell]bool{}
		}
		by[at][c] = true
	}
	for _, c := range t.others() {
		if !left[c] {
			add(PlaceOf(c).along(), c)
		}
	}
	for c := range t.cells {
		if c.Strategy != harness.Direct || left[c] {
			continue
		}
		own := PlaceOf(c).along()
		alone := true
		for at := range by {
			if at.Task == own.Task && at.Cores == own.Cores {
				add(at, c)
				alone = false
			}
		}
		if alone {
			add(own, c)
		}
	}
	var out []Section
	most := map[Place]int{}
	for _, at := range slices.SortedFunc(maps.Keys(by), Place.compare) {
		g := grid{table: t, cells: by[at], left: left, spent: spent}
		grains, series := map[int]bool{}, map[Series]bool{}
		for c := range g.cells {
			grains[c.Grain] = true
			c.Grain = 0
			series[c] = true
		}
		g.grains = slices.Sorted(maps.Keys(grains))
		g.series = slices.SortedFunc(maps.Keys(series), CompareSeries)
		s := Section{Place: at, Questions: g.questions(at)}
		s.Crossovers = g.crossovers(s.Questions)
		if !s.Waits() {
			s.Curves = g.curves()
		}
		out = append(out, s)
		most[at.anyCores()] = max(most[at.anyCores()], at.Cores)
	}
	for i, s := range out {
		out[i].Most = s.Place.Cores == most[s.Place.anyCores()]
	}
	return out
}
