package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// Label returns the name of a cell's strategy in reports: "pool (chunk 1)", "procs (chunk 16, input
// order, 4 workers)". It omits parameters with default values. The labels of direct, and of serial
// with chunk 1, contain no parameters.
func Label(c harness.Cell) string { return labelled(c, c.Settings()) }

// Brief returns the [Label] of a cell without the order of delivery, for use under a title that
// names the order.
func Brief(c harness.Cell) string {
	c.Order = harness.MapOrder
	return Label(c)
}

// Bare returns the [Label] of a cell without the order of delivery and the number of workers.
func Bare(c harness.Cell) string {
	c.Workers = c.Cores
	return Brief(c)
}

// labelled returns the label of a cell: its strategy, then the given settings, then its other
// parameters.
func labelled(c harness.Cell, settings []string) string {
	one := c.Strategy == harness.Direct || c.Strategy == "serial"
	parts := slices.Clone(settings)
	if !one || c.Chunk != "1" {
		parts = append(parts, "chunk "+string(c.Chunk))
	}
	if c.Order != "" && c.Order != harness.MapOrder {
		parts = append(parts, c.Order+" order")
	}
	if c.Window > 0 {
		parts = append(parts, fmt.Sprintf("window %d", c.Window))
	}
	if !one && c.Workers != c.Cores {
		parts = append(parts, format.Count(c.Workers, "worker"))
	}
	if len(parts) == 0 {
		return c.Strategy
	}
	return c.Strategy + " (" + strings.Join(parts, ", ") + ")"
}

// Labels returns the labels of cells, in the form that [Brief] returns.
func Labels(cells []harness.Cell) []string { return mapped(cells, Brief) }
