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

// A NameError reports that a name given by the user is not in the run. Known lists the names in the
// run.
type NameError struct {
	Kind, Name string
	Known      []string
}

func (e *NameError) Error() string {
	if len(e.Known) == 0 {
		return fmt.Sprintf("%s %s is not in the run", e.Kind, e.Name)
	}
	return fmt.Sprintf("%s %s is not in the run; the run has %s", e.Kind, e.Name, strings.Join(e.Known, ", "))
}

// Short returns the name of a cell's strategy as one word for command lines: the strategy and those
// of its settings that are not defaults, such as "pool", "pool/64", "pool/16w" and "procs/shm".
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

// Workloads returns the distinct workloads of the questions.
func (a *Analysis) Workloads() []string {
	return distinct(a.Questions(), func(q Question) string { return q.Task.Workload })
}

// Contenders returns the names of the strategies that were measured for a workload, in the form
// that [Short] returns. The direct loop comes first.
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

// Pair returns the cells of two strategies for one task of the workload. The texts one and other
// name the strategies in the form that [Short] returns, such as pool/64. The bare name of a
// strategy, such as pool, means its cell with default settings, or its only cell.
//
// Pair takes the task whose grain is nearest to the given grain in ns. If several tasks have that
// grain, it prefers the task with the fewest special settings, then the one on the most cores. The
// error is a [NameError].
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
		return c, d, &NameError{"a task that was measured, with results in the same order, for both " + one + " and", other, nil}
	}
	special := func(q Question) float64 { // larger if the task has settings that are not defaults
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

// away returns the distance between the size of the question's task and ns: the absolute logarithm
// of their ratio.
func (q Question) away(ns float64) float64 {
	if q.Size() <= 0 || ns <= 0 {
		return math.Inf(1)
	}
	return math.Round(1000*math.Abs(math.Log(q.Size()/ns))) / 1000
}

// named returns the cell of question q with the given name, in the form that [Short] returns. If
// there is no such cell and the name is that of a strategy with only one cell in q, it returns this
// cell. Otherwise it returns the zero Cell.
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
