package harness

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// check validates what can be judged without knowing the machine, and fills in the
// defaults.
func (d *document) check(path string, a *Axes, minTime time.Duration) error {
	if a.Workload == "" {
		return d.errorf(path, `block without a workload; add workload = "spin"`)
	}
	for _, g := range a.Grain {
		if err := d.between(path+".grain", g, 1, MaxGrain); err != nil {
			return err
		}
	}
	for _, p := range a.Payload {
		if err := d.between(path+".payload", p, 0, MaxPayload); err != nil {
			return err
		}
	}
	for _, n := range a.Tasks {
		if err := d.between(path+".tasks", n, 1, MaxTasks); err != nil {
			return err
		}
	}
	for _, m := range a.Memory {
		if err := d.between(path+".memory", m, MinMemory, MaxMemory); err != nil {
			return err
		}
	}
	if err := cmp.Or(once(d, path+".grain", a.Grain), once(d, path+".payload", a.Payload), once(d, path+".tasks", a.Tasks), once(d, path+".spread", a.Spread), once(d, path+".memory", a.Memory), once(d, path+".shape", a.Shape), once(d, path+".cores", a.Cores)); err != nil {
		return err
	}
	if len(a.Choices) == 0 {
		return d.errorf(path, "block without cells; add a [[block.cell]] with a strategy")
	}
	if err := d.fits(path, len(a.Choices)+1, minTime); err != nil {
		return err
	}
	for j := range a.Choices {
		c := &a.Choices[j]
		cell := fmt.Sprintf("%s.cell[%d]", path, c.table)
		switch c.Strategy {
		case "":
			return d.errorf(cell, `cell without a strategy; add strategy = "pool"`)
		case Direct:
			return d.errorf(cell+".strategy", "direct is in every block by itself; remove this cell")
		}
		if orders := []string{MapOrder, InputOrder, CompletionOrder, SingleOrder}; !slices.Contains(orders, c.Order) {
			return d.errorf(cell+".order", "%v", &UnknownError{Kind: "order", Name: c.Order, Have: orders})
		}
		switch {
		case c.Rate != 0 && c.Order != CompletionOrder:
			return d.errorf(cell+".rate", "tasks that arrive by a rate are delivered as they are done; set order to completion")
		case c.Rate != 0 && (c.Chunk != FixedChunk(1) || c.Window != 0):
			return d.errorf(cell+".rate", "tasks that arrive by a rate are handed over one by one, as many as there are; remove chunk and window")
		case c.Order == SingleOrder && c.Chunk != FixedChunk(1):
			return d.errorf(cell+".chunk", "order single has no chunk; remove it")
		case c.Order == SingleOrder && c.Window != 0:
			return d.errorf(cell+".window", "order single has no window; remove it")
		case c.Window != 0 && c.Order == MapOrder:
			return d.errorf(cell+".window", "a map has no window; remove it, or set order to input or completion")
		case c.Window != 0 && c.Chunk.Fixed() > c.Window:
			return d.errorf(cell+".chunk", "chunk %s is larger than window %d; make the window at least as large", c.Chunk, c.Window)
		}
		same := func(other Choice) bool {
			other.table = c.table
			return other == *c
		}
		if slices.ContainsFunc(a.Choices[:j], same) {
			return d.errorf(cell, "the same cell stands in this block twice; remove one")
		}
	}
	return nil
}

// fits returns an error for a block of too many cells, direct included. What is compared is
// compared in one block, so that the machine's state is the same for all of it: cells of two
// blocks that share direct would be paired through two more launches, half a round apart.
// That holds a sweep too, if its launches are short.
func (d *document) fits(path string, cells int, minTime time.Duration) error {
	switch {
	case cells <= MaxCells, cells <= MaxSweep && minTime <= MaxSweepTime:
		return nil
	case cells <= MaxSweep:
		return d.errorf(path, "%d cells and direct are more than the %d that fit in a block; split it, or set min-time to %v or less, with which %d fit", cells-1, MaxCells, MaxSweepTime, MaxSweep)
	}
	return d.errorf(path, "%d cells and direct are more than the %d that fit in a block, %d if min-time is %v or less; split it", cells-1, MaxCells, MaxSweep, MaxSweepTime)
}

// once returns an error for the first value that an axis has twice.
func once[T comparable](d *document, path string, axis []T) error {
	for i, v := range axis {
		if slices.Contains(axis[:i], v) {
			return d.errorf(path, "%s has %v twice; remove one", path[strings.LastIndexByte(path, '.')+1:], v)
		}
	}
	return nil
}

func (d *document) between(path string, v, low, high int) error {
	if v < low || v > high {
		return d.errorf(path, "%s = %d is not between %d and %d", path[strings.LastIndexByte(path, '.')+1:], v, low, high)
	}
	return nil
}

// cores validates the cores axis, whose values are numbers or words.
func (d *document) cores(path string, axis []any) ([]string, error) {
	if len(axis) == 0 {
		return []string{CoresMax}, nil
	}
	var words []string
	for _, v := range axis {
		w := fmt.Sprint(v)
		if n, err := strconv.Atoi(w); w != CoresMax && w != CoresPowers && (err != nil || n < 1) {
			return nil, d.errorf(path, `cores has %q; write numbers from 1 up, "max" or "powers"`, w)
		}
		words = append(words, w)
	}
	return words, nil
}
