// Package model predicts makespans from a cost model whose parameters it fits to the samples of a
// run. It judges itself on cells that it did not use for the fit.
//
// The model of a job of N tasks on P workers and C cores is that of a pool with one dispatcher
// (Costs.Task):
//
//	T/N = max(W/P, D, (W+D)/C) + J/N
//	W   = w·(1+φ·(m−1)) + o + o_c/k + o_b·b + o_m·(m−1)
//	D   = d + d_c/k
//
// Here w is the time of the task in the direct loop, b its payload in bytes, k the chunk, and m the
// smaller of P and C. An uneven last wave of chunks lengthens W. The time to start workers is not a
// part of the makespan; it has an estimate of its own.
//
// The model is about tasks that compute, have equal work and are all ready at the start. It omits
// cells with other tasks: those that wait, fail, vary in work, or work on a given amount of memory.
package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// FewestCells is the least number of cells for a fit. The number of parameters is at most two less
// than the number of cells.
const FewestCells = 4

// A Model holds the fitted costs of all strategies of a run, and the errors of its predictions for
// cells that the fit did not use.
type Model struct {
	Series  []Series // strategies with a fit, in the order of their names
	Lacking []Lack   // strategies without a fit
	Judged  Judgement
	Cells   int // cells that the model covers
	Omitted int // cells that the model does not cover

	cells []observation
}

// A Series is a strategy with its settings. Its cells differ in task, fixed chunk, workers and
// cores, and one set of costs describes all of them.
type Series struct {
	Who     harness.Cell // strategy and settings; Task, Workers, Cores and a fixed Chunk are zero
	Chunks  []harness.Chunk
	Costs   Costs
	Range   Range // range of the values of the fitted cells
	Cells   []Measured
	Startup Startup
	Error   float64 // root mean square of log(predicted/measured) over held-out cells; 0 if there are none
	Held    int     // number of these held-out cells
}

// A Measured is a cell of the run, with its makespan per task.
type Measured struct {
	Cell harness.Cell
	At   Point
	Time analyze.Estimate // makespan per task in ns
}

// A Lack says why a strategy has no fit.
type Lack struct {
	Who harness.Cell
	Why string
}

// Name returns the name of the series in tables.
func (s Series) Name() string { return name(s.Who) }

func name(c harness.Cell) string {
	parts := c.Settings()
	if c.Chunk != "" {
		parts = append(parts, "chunk "+string(c.Chunk))
	}
	if c.Order != harness.MapOrder {
		parts = append(parts, c.Order+" order")
	}
	if c.Window > 0 {
		parts = append(parts, fmt.Sprintf("window %d", c.Window))
	}
	if len(parts) == 0 {
		return c.Strategy
	}
	return c.Strategy + " (" + strings.Join(parts, ", ") + ")"
}

// seriesOf returns the cell without the values in which cells of a series differ. A chunk policy is
// a setting, so it remains; a fixed chunk does not.
func seriesOf(c harness.Cell) harness.Cell {
	c.Task, c.Workers, c.Cores = harness.Task{}, 0, 0
	if c.Chunk.Fixed() > 0 {
		c.Chunk = ""
	}
	return c
}

// New fits the model to the samples of a run, and judges it. The function set.Waits reports which
// workloads wait. New takes a few milliseconds per series.
func New(samples []harness.Sample, set analyze.Settings) Model {
	cells, omitted := observe(samples, comparable(set.Waits))
	return newModel(samples, cells, omitted)
}

// OfTask fits the model to the samples of a single task, which may wait or vary in work, and judges
// the model cell by cell. The flag waits says whether the task mostly waits. Then each worker waits
// without using a core, and D is the time for which a task occupies a resource that all workers
// share.
func OfTask(samples []harness.Sample, waits bool) Model {
	cells, omitted := observe(samples, func(s harness.Sample) bool { return s.Cell.Rate == 0 })
	for i := range cells {
		cells[i].at.Waits = waits
	}
	return newModel(samples, cells, omitted)
}

func newModel(samples []harness.Sample, cells []observation, omitted int) Model {
	m := Model{Cells: len(cells), Omitted: omitted, cells: cells}
	m.Series, m.Lacking = fitAll(cells)
	for i := range m.Series {
		m.Series[i].Startup = startup(samples, m.Series[i].Who)
	}
	m.Judged = judge(cells)
	for i := range m.Series {
		m.Series[i].Error, m.Series[i].Held = m.Judged.of(m.Series[i].Who)
	}
	return m
}

// fitAll fits each series of the cells.
func fitAll(cells []observation) (all []Series, lacking []Lack) {
	groups := map[harness.Cell][]observation{}
	for _, c := range cells {
		who := seriesOf(c.cell)
		groups[who] = append(groups[who], c)
	}
	for who, group := range groups {
		s := Series{Who: who, Range: rangeOf(group)}
		for _, c := range group {
			s.Cells = append(s.Cells, Measured{c.cell, c.at, c.estimate()})
			if !slices.Contains(s.Chunks, c.cell.Chunk) {
				s.Chunks = append(s.Chunks, c.cell.Chunk)
			}
		}
		slices.SortFunc(s.Chunks, harness.Chunk.Compare)
		var err error
		if s.Costs, err = fit(group); err != nil {
			lacking = append(lacking, Lack{who, err.Error()})
			continue
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Series) int { return cmp.Compare(a.Name(), b.Name()) })
	slices.SortFunc(lacking, func(a, b Lack) int { return cmp.Compare(name(a.Who), name(b.Who)) })
	return all, lacking
}
