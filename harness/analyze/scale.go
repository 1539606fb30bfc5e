package analyze

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Scale compares ways to run one kind of task along an axis other than the grain: by the
// size of its data; or by the number of tasks, where the cost is the first job and the start
// of the workers before it.
type Scale struct {
	Place Place // without the axis
	Axis  ScaleAxis
	At    []int    // bytes or tasks, ascending
	Who   []Series // without the axis, direct first
	Costs [][]Cost // by At, then by Who
}

// A ScaleAxis is the axis that a Scale goes along.
type ScaleAxis int

const (
	ByPayload ScaleAxis = iota // the cost is the makespan per task
	ByTasks                    // the cost is start and first job, per task
)

// A Cost is one point of a Scale.
type Cost struct {
	Time     Estimate   // ns per task: median over launches; not known where not measured
	VsDirect Comparison // with the plain loop
	VsBest   Comparison // with the best but the plain loop
	Best     bool       // it is that one
}

// scaleFrom is how many points make a scale. Along the number of tasks a single one is an
// answer: the cheapest way to run that many tasks without workers.
const scaleFrom = 3

// Plotted reports whether there are points enough for a chart.
func (s Scale) Plotted() bool { return len(s.At) >= scaleFrom }

// N returns how many launches the costs at a point are of, at most.
func (s Scale) N(i int) (n int) {
	for _, c := range s.Costs[i] {
		n = max(n, c.Time.N)
	}
	return n
}

// Rate returns the bytes in a ns of a series at a point.
func (s Scale) Rate(i, k int) Estimate { return s.Costs[i][k].Time.Under(float64(s.At[i])) }

func (a ScaleAxis) of(c harness.Cell) int {
	if a == ByTasks {
		return c.Tasks
	}
	return c.Payload
}

func (a ScaleAxis) with(c harness.Cell, at int) harness.Cell {
	if a == ByTasks {
		c.Tasks = at
	} else {
		c.Payload = at
	}
	return c
}

// scales returns the scales along an axis.
func scales(t *table, axis ScaleAxis) []Scale {
	type key struct {
		place Place
		at    string
	}
	var out []Scale
	for _, group := range grouped(scaled(t, axis), func(cells []harness.Cell) key {
		return key{PlaceOf(axis.with(cells[0], 0)), fmt.Sprint(axis.points(cells))}
	}) {
		first := axis.with(group[0][0], 0)
		s := Scale{Place: PlaceOf(first), Axis: axis, At: axis.points(group[0]), Who: []Series{direct(first)}}
		for _, cells := range group {
			s.Who = append(s.Who, axis.with(cells[0], 0))
		}
		for _, at := range s.At {
			s.Costs = append(s.Costs, s.costs(t, at))
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Scale) int { return cmp.Or(a.Place.compare(b.Place), slices.Compare(a.At, b.At)) })
	return out
}

// scaled returns the cells of each series other than direct that has enough points.
func scaled(t *table, axis ScaleAxis) [][]harness.Cell {
	on := only(t.others(), func(c harness.Cell) bool { return axis.of(c) > 0 })
	return only(grouped(on, func(c harness.Cell) Series { return axis.with(c, 0) }), func(cells []harness.Cell) bool {
		return len(cells) >= scaleFrom || axis == ByTasks
	})
}

// points returns the points at which the cells stand.
func (a ScaleAxis) points(cells []harness.Cell) []int {
	all := distinct(cells, a.of)
	slices.Sort(all)
	return all
}

// costs judges the series at one point.
func (s Scale) costs(t *table, at int) []Cost {
	var cells []harness.Cell
	for _, who := range s.Who {
		cells = append(cells, s.Axis.with(who, at))
	}
	verdicts := newVersus(t, cells)
	best := t.fastest(only(cells[1:], func(c harness.Cell) bool { return len(t.cells[c]) > 0 }))
	out := make([]Cost, len(cells))
	for i, c := range cells {
		out[i] = Cost{Time: t.median(c), Best: c == best}
		if i > 0 {
			out[i].VsDirect = verdicts.of(c, cells[0])
			if c != best {
				out[i].VsBest = verdicts.of(c, best)
			}
		}
	}
	return out
}

// cold returns the cost of a task of a job with a chosen number of them, where there are no
// workers yet. Tasks that are awaited one by one have none: these are about a round trip.
func cold(s harness.Sample) float64 {
	if s.Cell.Tasks == 0 || s.Cell.Order == harness.SingleOrder {
		return 0
	}
	return (s.Values[harness.UnitStart] + s.Values[harness.UnitFirst]) / float64(s.Cell.Tasks)
}

// warm returns the samples whose timed jobs are compared. Those of tasks whose number was swept
// are not among them: such a sweep asks after how many tasks the start of the workers has paid.
func warm(samples []harness.Sample, started *table) []harness.Sample {
	swept := map[harness.Task]bool{}
	for _, cells := range scaled(started, ByTasks) {
		for _, c := range cells {
			swept[c.Task] = swept[c.Task] || len(cells) >= scaleFrom
		}
	}
	return only(samples, func(s harness.Sample) bool { return !swept[s.Cell.Task] })
}
