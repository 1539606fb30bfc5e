package analyze

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Place is a task, a number of cores and an order of delivery: the parts of a cell other than its
// strategy. In a place that stands for all grains, the task has grain 0.
type Place struct {
	Task  harness.Task
	Cores int
	Order string
}

// PlaceOf returns the place of a cell: its task, number of cores and order of delivery.
func PlaceOf(c harness.Cell) Place { return Place{c.Task, c.Cores, c.Order} }

// along returns the place with the size of its task set to zero, which stands for all sizes.
func (p Place) along() Place {
	p.Task = p.Task.Sized(harness.Size{})
	return p
}

// anyCores returns the place with its number of cores set to 0, which stands for any number.
func (p Place) anyCores() Place {
	p.Cores = 0
	return p
}

// direct returns the cell of the direct loop in the block of cell c.
func direct(c harness.Cell) harness.Cell {
	return harness.Cell{Task: c.Task, Cores: c.Cores, Strategy: harness.Direct, Workers: 1, Chunk: "1", Order: harness.MapOrder}
}

// Work returns the name of the kind of task, without its grain: "files with 4 KiB a task",
// "spin/last" for tasks of different length, "spin in a job of 16 tasks".
func (p Place) Work() string {
	t := p.Task
	s := t.Workload
	add := func(has bool, words string) {
		if has {
			s += words
		}
	}
	add(t.Spread != "", "/"+t.Spread)
	add(t.Shape != "", "/"+t.Shape)
	add(t.Memory > 0, " on "+format.Bytes(t.Memory))
	add(t.Payload > 0, " with "+format.Bytes(t.Payload)+" a task")
	add(t.Tasks > 0, " in a job of "+format.Count(t.Tasks, "task"))
	return s
}

// On returns the kind of task and the cores: "sleep on 2 cores".
func (p Place) On() string { return p.Work() + " on " + format.Count(p.Cores, "core") }

// Anywhere returns the kind of task and the order of delivery, without the number of cores: "sleep,
// completion order".
func (p Place) Anywhere() string { return p.Work() + p.order() }

func (p Place) String() string { return p.On() + p.order() }

func (p Place) order() string {
	if p.Order == "" || p.Order == harness.MapOrder {
		return ""
	}
	return ", " + p.Order + " order"
}

// Nominal returns the size that the suite gives to the tasks, as text: ", nominal 10.0 µs" for
// tasks with a grain, ", batch 4" for tasks with a batch, else "".
func (p Place) Nominal() (words string) {
	if p.Task.Grain > 0 {
		words = ", nominal " + format.Time(float64(p.Task.Grain), 3)
	}
	if p.Task.Batch > 0 {
		words += fmt.Sprintf(", batch %d", p.Task.Batch)
	}
	return words
}

func (p Place) compare(q Place) int {
	t, u := p.Task, q.Task
	return cmp.Or(cmp.Compare(t.Workload, u.Workload), cmp.Compare(t.Payload, u.Payload), cmp.Compare(t.Spread, u.Spread),
		cmp.Compare(t.Memory, u.Memory), cmp.Compare(t.Tasks, u.Tasks), cmp.Compare(t.Shape, u.Shape),
		cmp.Compare(p.Cores, q.Cores), compareOrder(p.Order, q.Order), t.Size().Compare(u.Size()))
}

// CompareCells compares two cells for sorting: by task, cores and order, then by [CompareSeries].
func CompareCells(a, b harness.Cell) int {
	return cmp.Or(PlaceOf(a).compare(PlaceOf(b)), CompareSeries(a, b))
}

// CompareSeries compares two cells for sorting: the direct loop comes first, then serial, then all
// other strategies by name and parameters.
func CompareSeries(a, b harness.Cell) int {
	rank := func(s string) int { return slices.Index([]string{"serial", harness.Direct}, s) }
	return cmp.Or(-cmp.Compare(rank(a.Strategy), rank(b.Strategy)), cmp.Compare(a.Strategy, b.Strategy),
		slices.Compare(a.Settings(), b.Settings()),
		a.Chunk.Compare(b.Chunk), cmp.Compare(a.Workers, b.Workers), cmp.Compare(a.Window, b.Window),
		compareOrder(a.Order, b.Order))
}

func compareOrder(a, b string) int {
	orders := []string{harness.MapOrder, harness.InputOrder, harness.CompletionOrder, harness.SingleOrder}
	return cmp.Or(cmp.Compare(slices.Index(orders, a), slices.Index(orders, b)), cmp.Compare(a, b))
}
