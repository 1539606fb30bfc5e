package analyze

import (
	"fmt"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// Label returns the name of a cell's strategy in reports: "pool (chunk 1)",
// "procs (chunk 16, input order, 4 workers)". It leaves out the parameters that have their
// plain values; direct and unchunked serial are bare names.
func Label(c harness.Cell) string { return labelled(c, c.Settings()) }

// Brief returns the label without the order, for a place whose title says it.
func Brief(c harness.Cell) string {
	c.Order = harness.MapOrder
	return Label(c)
}

// Bare returns the label without order and number of workers.
func Bare(c harness.Cell) string {
	c.Workers = c.Cores
	return Brief(c)
}

// labelled returns the label with these settings.
func labelled(c harness.Cell, settings []string) string {
	one := c.Strategy == harness.Direct || c.Strategy == "serial"
	parts := append([]string(nil), settings...)
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

// Labels names the strategies of cells, without their orders.
func Labels(cells []harness.Cell) (names []string) {
	for _, c := range cells {
		names = append(names, Brief(c))
	}
	return names
}
