package analyze

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// A Place is what all cells along a grain axis share, beside who does the work.
type Place struct {
	Workload string
	Payload  int // bytes
	Spread   string
	Memory   int // bytes
	Tasks    int // in the job, where that was chosen
	Shape    string
	Cores    int
	Order    string
}

// PlaceOf returns where the cell stands.
func PlaceOf(c harness.Cell) Place {
	return Place{c.Workload, c.Payload, c.Spread, c.Memory, c.Tasks, c.Shape, c.Cores, c.Order}
}

// Place returns where the question is asked.
func (q Question) Place() Place {
	return Place{q.Task.Workload, q.Task.Payload, q.Task.Spread, q.Task.Memory, q.Task.Tasks, q.Task.Shape, q.Cores, q.Order}
}

// Work names the work without its grain: "files with 4 KiB a task", "spin/last"
// where tasks differ, "spin in a job of 16 tasks".
func (p Place) Work() string {
	s := p.Workload
	if p.Spread != "" {
		s += "/" + p.Spread
	}
	if p.Shape != "" {
		s += "/" + p.Shape
	}
	if p.Memory > 0 {
		s += " on " + size(p.Memory)
	}
	if p.Payload > 0 {
		s += " with " + size(p.Payload) + " a task"
	}
	if p.Tasks > 0 {
		s += " in a job of " + Count(p.Tasks, "task")
	}
	return s
}

// Anywhere names the work and its order, whatever the cores: "sleep, completion order".
func (p Place) Anywhere() string {
	if p.Order == "" || p.Order == harness.MapOrder {
		return p.Work()
	}
	return p.Work() + ", " + p.Order + " order"
}

func (p Place) String() string {
	on := " on " + Count(p.Cores, "core")
	return p.Work() + on + strings.TrimPrefix(p.Anywhere(), p.Work())
}

func (p Place) compare(q Place) int {
	return cmp.Or(cmp.Compare(p.Workload, q.Workload), cmp.Compare(p.Payload, q.Payload), cmp.Compare(p.Spread, q.Spread),
		cmp.Compare(p.Memory, q.Memory), cmp.Compare(p.Tasks, q.Tasks), cmp.Compare(p.Shape, q.Shape),
		cmp.Compare(p.Cores, q.Cores), compareOrder(p.Order, q.Order))
}

func size(bytes int) string {
	switch {
	case bytes >= 1<<20 && bytes%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", bytes>>20)
	case bytes >= 1<<10 && bytes%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", bytes>>10)
	}
	return fmt.Sprintf("%d B", bytes)
}

// Count returns a number of things: "1 core", "6 launches".
func Count(n int, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "ch"), strings.HasSuffix(noun, "ss"):
		noun += "es"
	default:
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// Percent returns a fraction as percentage: "2 %".
func Percent(f float64) string {
	if f >= 1 {
		return Number(100*f, 3) + " %"
	}
	return strconv.FormatFloat(100*f, 'g', 3, 64) + " %"
}
