package analyze

import (
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
	groups := map[key]*Scale{}
	for who, at := range scaled(t, axis) {
		k := key{PlaceOf(who), fmt.Sprint(at)}
		if groups[k] == nil {
			groups[k] = &Scale{Place: k.place, Axis: axis, At: at, Who: []Series{direct(who)}}
		}
		groups[k].Who = append(groups[k].Who, who)
	}
	var out []Scale
	for _, s := range groups {
		slices.SortFunc(s.Who, CompareSeries)
		for _, at := range s.At {
			s.Costs = append(s.Costs, s.costs(t, at))
		}
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Scale) int {
		if c := a.Place.compare(b.Place); c != 0 {
			return c
		}
		return slices.Compare(a.At, b.At)
	})
	return out
}

// scaled returns the points of each series other than direct that has enough.
func scaled(t *table, axis ScaleAxis) map[Series][]int {
	out := map[Series][]int{}
	for _, c := range t.others() {
		if axis.of(c) > 0 {
			who := axis.with(c, 0)
			out[who] = append(out[who], axis.of(c))
		}
	}
	for who, at := range out {
		if slices.Sort(at); len(at) < scaleFrom && axis == ByPayload {
			delete(out, who)
		}
	}
	return out
}

// costs judges the series at one point.
func (s Scale) costs(t *table, at int) []Cost {
	var cells []harness.Cell
	for _, who := range s.Who {
		cells = append(cells, s.Axis.with(who, at))
	}
	verdicts := newVersus(t, cells)
	best := t.fastest(slices.DeleteFunc(slices.Clone(cells[1:]), func(c harness.Cell) bool { return len(t.cells[c]) == 0 }))
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

// cold returns the samples of jobs with a chosen number of tasks, with their cost where there
// are no workers yet. Tasks that are awaited one by one are not among them: these are about a
// round trip.
func cold(samples []harness.Sample) (started []harness.Sample) {
	for _, s := range samples {
		if s.Cell.Tasks == 0 || s.Cell.Order == harness.SingleOrder {
			continue
		}
		took := s.Values[harness.UnitStart] + s.Values[harness.UnitFirst]
		s.Values = map[string]float64{harness.UnitTask: took / float64(s.Cell.Tasks), harness.UnitTasks: float64(s.Cell.Tasks)}
		started = append(started, s)
	}
	return started
}

// warm returns the samples whose timed jobs are compared. Those of tasks whose number was swept
// are not among them: such a sweep asks after how many tasks the start of the workers has paid.
func warm(samples []harness.Sample, started *table) []harness.Sample {
	swept := map[harness.Task]bool{}
	for who, at := range scaled(started, ByTasks) {
		for _, n := range at {
			task := ByTasks.with(who, n).Task()
			swept[task] = swept[task] || len(at) >= scaleFrom
		}
	}
	return slices.DeleteFunc(slices.Clone(samples), func(s harness.Sample) bool { return swept[s.Cell.Task()] })
}
