package analyze

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// A NameError reports a name that the run does not contain. Known lists the names that it contains.
type NameError struct {
	Kind, Name string
	Known      []string
}

func (e *NameError) Error() string {
	if len(e.Known) == 0 {
		return fmt.Sprintf("%s %s: the run has none", e.Kind, e.Name)
	}
	return fmt.Sprintf("%s %s is not in the run, which has %s", e.Kind, e.Name, strings.Join(e.Known, ", "))
}

// Short returns the name of a cell's strategy as one word for command lines: the strategy and its
// settings without default values, such as "pool", "pool/64", "pool/16w" and "procs/shm".
func Short(c harness.Cell) string {
	parts := []string{c.Strategy}
	for _, s := range c.Settings() {
		parts = append(parts, strings.ReplaceAll(s, " ", "-"))
	}
	if !isDirect(c) && c.Chunk != "1" {
		parts = append(parts, string(c.Chunk))
	}
	if !isDirect(c) && c.Strategy != "serial" && c.Workers != c.Cores {
		parts = append(parts, strconv.Itoa(c.Workers)+"w")
	}
	if c.Order != "" && c.Order != harness.MapOrder {
		parts = append(parts, c.Order)
	}
	return strings.Join(parts, "/")
}

// Workloads returns the workloads of the questions.
func (a *Analysis) Workloads() []string {
	return distinct(a.Questions(), func(q Question) string { return q.Task.Workload })
}

// Contenders returns the names, as by [Short], of the strategies that were measured for a workload.
// The direct loop comes first.
func (a *Analysis) Contenders(workload string) (names []string) {
	for _, q := range a.Questions() {
		for _, r := range q.Rows {
			if name := Short(r.Cell); q.Task.Workload == workload && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// Pair returns the cells of the strategies named one and other, for tasks of the workload. It takes
// the question whose grain is nearest to the given grain in ns. If several questions have that
// grain, it prefers the most cores and the task with the fewest special settings. A name is that of
// [Short], or only that of a strategy: the name then means the cell with default settings, or the
// only cell of the strategy. The error is a [NameError].
func (a *Analysis) Pair(workload string, grain float64, one, other string) (c, d harness.Cell, err error) {
	all := only(a.Questions(), func(q Question) bool { return q.Task.Workload == workload })
	if len(all) == 0 {
		return c, d, &NameError{"workload", workload, a.Workloads()}
	}
	for _, name := range []string{one, other} {
		if !slices.ContainsFunc(all, func(q Question) bool { return named(q, name) != harness.Cell{} }) {
			return c, d, &NameError{"strategy", name, a.Contenders(workload)}
		}
	}
	both := only(all, func(q Question) bool {
		c, d := named(q, one), named(q, other)
		return c != harness.Cell{} && d != harness.Cell{} && c != d
	})
	if len(both) == 0 {
		return c, d, &NameError{"a task in one order with both " + one + " and", other, nil}
	}
	special := func(q Question) float64 { // how far the task is from a plain one
		t := q.Task
		return float64(len(t.Shape) + len(t.Spread) + min(t.Tasks, 1) + min(t.Memory, 1))
	}
	q := slices.MinFunc(both, func(x, y Question) int {
		return cmp.Or(cmp.Compare(x.away(grain), y.away(grain)), cmp.Compare(special(x), special(y)), y.Cores-x.Cores, compareOrder(x.Order, y.Order), x.compare(y.Place))
	})
	return named(q, one), named(q, other), nil
}

// Size returns the nominal grain of the task in ns. For a task without a grain, it returns the
// measured work.
func (q Question) Size() float64 {
	if q.Task.Grain > 0 {
		return float64(q.Task.Grain)
	}
	return q.Work.Value
}

// away returns the distance between the size of the task and ns: the absolute logarithm of their
// ratio.
func (q Question) away(ns float64) float64 {
	if q.Size() <= 0 || ns <= 0 {
		return math.Inf(1)
	}
	return math.Round(1000*math.Abs(math.Log(q.Size()/ns))) / 1000
}

// named returns the cell of the question with the given name, as by [Short]. If there is none, name
// may be that of a strategy with only one cell in the question. Otherwise named returns the zero
// Cell.
func named(q Question, name string) harness.Cell {
	var same []harness.Cell
	for _, r := range q.Rows {
		switch {
		case Short(r.Cell) == name:
			return r.Cell
		case r.Cell.Strategy == name:
			same = append(same, r.Cell)
		}
	}
	if len(same) == 1 {
		return same[0]
	}
	return harness.Cell{}
}
