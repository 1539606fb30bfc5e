package analyze

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Scale compares strategies at each payload or at each number of tasks. For numbers of tasks, it
// compares the time for starting the workers and running the first job.
type Scale struct {
	Place Place // with the value on the axis set to 0
	Axis  ScaleAxis
	At    []int    // bytes or tasks, ascending
	Who   []Series // with the value on the axis set to 0; direct first
	Costs [][]Cost // indexed like At, then like Who
}

// A ScaleAxis is the quantity that a Scale varies: the payload or the number of tasks.
type ScaleAxis int

const (
	ByPayload ScaleAxis = iota // the cost is the makespan per task
	ByTasks                    // the cost is the time for the start and the first job, per task
)

// A Cost is the cost per task of one series at one point of a [Scale].
type Cost struct {
	Time     Estimate   // ns per task: median over launches; unknown if not measured
	VsDirect Comparison // comparison with the direct loop
	VsBest   Comparison // comparison with the best series other than the direct loop
	Best     bool       // this is the best series other than the direct loop
	Account  Account    // unknown for ByTasks, whose cost is not that of a timed job
}

// scaleFrom is the number of points that a scale along the payload needs. Along the number of
// tasks, one point is enough: it shows the cheapest way to run that many tasks, including the start
// of workers.
const scaleFrom = 3

// Plotted reports whether the scale has enough points for a chart.
func (s Scale) Plotted() bool { return len(s.At) >= scaleFrom }

// N returns the number of launches that each series has at the point with index i. If the numbers
// differ, it returns the largest.
func (s Scale) N(i int) int {
	return slices.Max(mapped(s.Costs[i], func(c Cost) int { return c.Time.N }))
}

// Rate returns the throughput, in bytes per ns, of the series with index k at the point with index
// i.
func (s Scale) Rate(i, k int) Estimate { return s.Costs[i][k].Time.Under(float64(s.At[i])) }

// field returns a pointer to the field of c that holds the value on the axis.
func (a ScaleAxis) field(c *harness.Cell) *int {
	if a == ByTasks {
		return &c.Tasks
	}
	return &c.Payload
}

func (a ScaleAxis) of(c harness.Cell) int { return *a.field(&c) }

func (a ScaleAxis) with(c harness.Cell, at int) harness.Cell {
	*a.field(&c) = at
	return c
}

func (a ScaleAxis) without(c harness.Cell) harness.Cell { return a.with(c, 0) }

// A sweepKey identifies a group of series that belong to one [Scale]: they were measured at the same
// place, and with the same payloads or numbers of tasks.
type sweepKey struct {
	place Place
	at    string // the payloads or numbers of tasks
}

// scales returns a Scale for each group of series that were measured for the same task and cores (the
// place), and at the same values of the axis (the points). The scales are sorted by place, then by points. spent holds the account
// of each cell.
func scales(t *table, axis ScaleAxis, spent map[harness.Cell]Account) []Scale {
	var out []Scale
	for _, group := range grouped(scaled(t, axis), func(cells []harness.Cell) sweepKey {
		return sweepKey{PlaceOf(axis.without(cells[0])), fmt.Sprint(axis.points(cells))}
	}) {
		who := mapped(group, func(cells []harness.Cell) Series { return axis.without(cells[0]) })
		s := Scale{Place: PlaceOf(who[0]), Axis: axis, At: axis.points(group[0]), Who: append([]Series{direct(who[0])}, who...)}
		s.Costs = mapped(s.At, func(at int) []Cost { return s.costs(t, at, spent) })
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Scale) int { return cmp.Or(a.Place.compare(b.Place), slices.Compare(a.At, b.At)) })
	return out
}

// scaled returns groups of cells that differ only in their value on the axis. It leaves out the
// direct loop, and groups with too few points for a scale.
func scaled(t *table, axis ScaleAxis) [][]harness.Cell {
	on := only(others(t.all), func(c harness.Cell) bool { return axis.of(c) > 0 })
	return only(grouped(on, axis.without), func(cells []harness.Cell) bool {
		return len(cells) >= scaleFrom || axis == ByTasks
	})
}

// points returns the distinct values that the cells have on the axis, ascending.
func (a ScaleAxis) points(cells []harness.Cell) []int {
	return slices.Sorted(slices.Values(distinct(cells, a.of)))
}

// costs returns the cost of each series at one point of the scale: at the given value on the axis.
// spent holds the account of each cell.
func (s Scale) costs(t *table, value int, spent map[harness.Cell]Account) []Cost {
	cells := mapped(s.Who, func(who Series) harness.Cell { return s.Axis.with(who, value) })
	verdicts := newVersus(t, cells)
	var best harness.Cell // zero if all launches were starved
	if usable := only(cells[1:], func(c harness.Cell) bool { return len(t.cells[c]) > 0 }); len(usable) > 0 {
		best = t.fastest(usable)
	}
	out := make([]Cost, len(cells))
	for i, c := range cells {
		out[i] = Cost{Time: t.median(c), Best: c == best, Account: spent[c]}
		if i > 0 {
			out[i].VsDirect = verdicts.of(c, cells[0])
			if c != best && best != (harness.Cell{}) {
				out[i].VsBest = verdicts.of(c, best)
			}
		}
	}
	return out
}

// cold returns the time per task of the first job of a launch, including the start of its workers,
// in ns. It returns 0 if the suite does not set the number of tasks in a job. It also returns 0 for
// single order, which measures round trips.
func cold(s harness.Sample) float64 {
	if s.Cell.Tasks == 0 || s.Cell.Order == harness.SingleOrder {
		return 0
	}
	return (s.Values[harness.UnitStart] + s.Values[harness.UnitFirst]) / float64(s.Cell.Tasks)
}

// warm returns the samples for the comparison of timed jobs, which excludes the cold start. It
// leaves out tasks for which the run varies the number of tasks in a job, because such samples are
// measured for the cold start.
func warm(samples []harness.Sample, started *table) []harness.Sample {
	swept := map[harness.Task]bool{}
	for _, cells := range scaled(started, ByTasks) {
		for _, c := range cells {
			if len(cells) >= scaleFrom {
				swept[c.Task] = true
			}
		}
	}
	if len(swept) == 0 {
		return samples // a copy of many samples takes much memory
	}
	return slices.DeleteFunc(slices.Clone(samples), func(s harness.Sample) bool { return swept[s.Cell.Task] })
}
