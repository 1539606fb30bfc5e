package suite

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// A Catalog is what suites can name here: the tables of strategies and workloads of
// the program, and the cores of the machine.
type Catalog struct {
	Strategies []strategies.Strategy
	Workloads  []workloads.Workload
	Cores      int // that this process may use
}

// Matrix expands suites to blocks, in the order of their files. If cores is not empty it
// replaces the cores axis of every block. A block whose cells all stand in another is
// left out; otherwise a cell other than direct that would stand in two blocks is an
// error, since its samples would be mixed. So is a suite that is named twice.
func (c Catalog) Matrix(suites []Suite, cores []int) (blocks []harness.Block, err error) {
	suites = flat(suites)
	for k, s := range suites {
		if slices.ContainsFunc(suites[:k], func(other Suite) bool { return other.doc.file == s.doc.file }) {
			return nil, fmt.Errorf("suite %s is named twice; name it once", s.Name)
		}
		for _, b := range s.blocks {
			counts := cores
			if len(cores) == 0 {
				if counts, err = ParseCores(b.cores, c.Cores); err != nil {
					return nil, s.doc.errorf(b.path+".cores", "%v", err)
				}
			}
			w, err := c.workload(s, b)
			if err != nil {
				return nil, err
			}
			for _, t := range b.tasks {
				for _, n := range counts {
					made := harness.Block{Suite: s.Name, Task: t, Cores: n, MinTime: s.minTime}
					if made.Cells, err = c.cells(s, b, w, t, n); err != nil {
						return nil, err
					}
					if blocks, err = add(blocks, made); err != nil {
						return nil, s.doc.errorf(b.path, "%v", err)
					}
				}
			}
		}
	}
	return blocks, nil
}

// workload returns the workload of a block, which has the axes that the block names, and
// whose needed ones it does name.
func (c Catalog) workload(s Suite, b block) (w workloads.Workload, err error) {
	w, err = harness.Find(c.Workloads, "workload", b.tasks[0].Workload, func(w workloads.Workload) string { return w.Name })
	if err != nil {
		return w, s.doc.errorf(b.path+".workload", "%v", err)
	}
	for _, a := range s.doc.axes {
		switch {
		case a.Has == nil:
		case a.Has(w) && a.Needed && !b.named[a.Key]:
			return w, s.doc.errorf(b.path, "workload %s needs a %s in %s; add %s = %s", w.Name, a.Key, a.Unit, a.Key, a.Example)
		case !a.Has(w) && b.named[a.Key]:
			return w, s.doc.errorf(b.path+"."+a.Key, "workload %s has no %s; remove it", w.Name, a.Key)
		}
	}
	return w, nil
}

// cells returns the cells of a block for one of its tasks and core counts, direct first.
func (c Catalog) cells(s Suite, b block, w workloads.Workload, t harness.Task, cores int) ([]harness.Cell, error) {
	direct := s.doc.defaults()
	direct.Task, direct.Cores, direct.Strategy, direct.Workers = t, cores, harness.Direct, 1
	for _, a := range s.doc.axes {
		if a.Check != nil {
			if err := a.Check(direct, w, strategies.Strategy{}); err != nil {
				return nil, s.doc.errorf(b.path+"."+a.Key, "%v", err)
			}
		}
	}
	cells := []harness.Cell{direct}
	for _, ch := range b.choices {
		st, err := harness.Find(c.Strategies, "strategy", ch.Strategy, func(s strategies.Strategy) string { return s.Name })
		if err != nil {
			return nil, s.doc.errorf(ch.path+".strategy", "%v", err)
		}
		cell := ch.Cell
		cell.Task, cell.Cores = t, cores
		for _, a := range s.doc.axes {
			if err := runs(a, cell, w, st); err != nil {
				return nil, s.doc.errorf(ch.path+"."+a.Key, "%v", err)
			}
		}
		if st.Capabilities.Resumes && !w.Kernel.Resumes() {
			return nil, s.doc.errorf(ch.path+".strategy", "strategy %s runs kernels with a resumable form, and workload %s has none; remove the cell", st.Name, w.Name)
		}
		switch {
		case cell.Workers == 0 && st.Capabilities.Parallel:
			cell.Workers = cores
		case cell.Workers == 0:
			cell.Workers = 1
		}
		if slices.Contains(cells, cell) {
			return nil, s.doc.errorf(ch.path, "on %d cores this is the same cell as another of its block; remove one", cores)
		}
		cells = append(cells, cell)
	}
	return cells, nil
}

// runs returns why a workload or a strategy cannot run the cell with its value on an axis; nil
// if they can.
func runs(a harness.Axis, c harness.Cell, w workloads.Workload, s strategies.Strategy) error {
	var setup harness.Setup
	if a.Give != nil {
		a.Give(c, &setup)
	}
	if setup.Setting != (strategies.Setting{}) {
		if s.With == nil {
			return fmt.Errorf("strategy %s has no %s; remove it", s.Name, a.Key)
		}
		if _, err := s.With(setup.Setting); err != nil {
			return err
		}
	}
	if a.Check == nil {
		return nil
	}
	return a.Check(c, w, s)
}

// add appends b, unless its cells all stand in a block already; b replaces a block whose cells
// all stand in b.
func add(blocks []harness.Block, b harness.Block) ([]harness.Block, error) {
	for i, other := range blocks {
		switch {
		case covers(other, b):
			return blocks, nil
		case covers(b, other):
			blocks[i] = b
			return blocks, nil
		}
		for _, cell := range b.Cells[1:] {
			if slices.Contains(other.Cells, cell) {
				return nil, fmt.Errorf("cell %s stands in another block of suite %s too, which would mix its samples; remove one, or run the suites apart", cell, other.Suite)
			}
		}
	}
	return append(blocks, b), nil
}

// covers reports whether every cell of other is a cell of b.
func covers(b, other harness.Block) bool {
	return !slices.ContainsFunc(other.Cells, func(c harness.Cell) bool { return !slices.Contains(b.Cells, c) })
}
