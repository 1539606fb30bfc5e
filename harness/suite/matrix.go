package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/workloads"
)

// A Catalog holds the things that suites refer to: the strategies and workloads of the program, and
// the number of cores of the machine.
type Catalog struct {
	Strategies []catalog.Strategy
	Workloads  []workloads.Workload
	Cores      int // cores that this process may use
	// Lacking receives each cell that the matrix leaves out because it cannot run here, with
	// the reason. Either this system cannot run the cell, and the reason matches
	// [errors.ErrUnsupported]. Or the cell is from a built-in suite, and its workload or strategy is not
	// in Workloads or Strategies. If Lacking is nil, such cells are errors.
	Lacking func(harness.Cell, error)
	// Python is the interpreter for strategies of Python; "" means python3 in PATH.
	Python string
}

// Matrix expands suites into blocks of cells, in the order of the suite files. If cores is not
// empty, Matrix uses these numbers of cores instead of those in the suites. If a block contains all
// cells of another block, Matrix omits the other block.
//
// Matrix returns an error if suites contains the same suite twice. It also returns an error if two
// of the remaining blocks share a cell other than the direct loop, because the samples of that cell
// would be mixed.
func (c Catalog) Matrix(suites []Suite, cores []int) (blocks []harness.Block, err error) {
	suites = flat(suites)
	for k, s := range suites {
		if slices.ContainsFunc(suites[:k], func(other Suite) bool { return other.doc.File == s.doc.File }) {
			return nil, fmt.Errorf("suite %s is given twice; remove one", s.Name)
		}
		d := *s.doc // a copy, so that errors are not kept in the suite
		for _, b := range s.blocks {
			for _, made := range c.expand(&d, s, b, cores) {
				if blocks, err = add(blocks, made); err != nil {
					d.Fail(b.path, "%v", err)
				}
			}
			if d.Err() != nil {
				return nil, d.Err()
			}
		}
	}
	return blocks, nil
}

// expand returns the blocks that the [[block]] table b of the suite s describes: one for each task
// and each number of cores. It records errors in d.
func (c Catalog) expand(d *document, s Suite, b block, cores []int) (blocks []harness.Block) {
	var err error
	if len(cores) == 0 {
		if cores, err = ParseCores(b.cores, c.Cores); err != nil {
			d.Fail(b.path+".cores", "%v", err)
		}
	}
	w, err := harness.Find(c.Workloads, "workload", b.tasks[0].Workload, func(w workloads.Workload) string { return w.Name })
	if err != nil && s.builtIn && c.Lacking != nil {
		for _, ch := range b.choices {
			ch.Cell.Task = b.tasks[0]
			c.Lacking(ch.Cell, fmt.Errorf("this program has no workload %s", ch.Workload))
		}
		return nil
	} else if err != nil {
		d.Fail(b.path+".workload", "%v", err)
	}
	for _, a := range d.axes {
		switch {
		case a.Has == nil:
		case a.Has(w) && a.Needed && !b.named[a.Key]:
			d.Fail(b.path, "workload %s needs a %s in %s; add %s = %s", w.Name, a.Key, a.Unit, a.Key, a.Example)
		case !a.Has(w) && b.named[a.Key]:
			d.Fail(b.path+"."+a.Key, "workload %s has no %s; remove the key", w.Name, a.Key)
		}
	}
	for _, t := range b.tasks {
		for _, n := range cores {
			if d.Err() != nil {
				return nil
			}
			made := harness.Block{Suite: s.Name, Task: t, Cores: n, MinTime: s.minTime, Cells: c.cells(d, b, w, t, n, s.builtIn)}
			if len(made.Cells) > 1 { // a block with only the direct loop compares nothing
				blocks = append(blocks, made)
			}
		}
	}
	return blocks
}

// cells returns the cells of the block b for one task and one number of cores. The first of them is
// the direct loop. The flag builtIn says whether b is from a built-in suite.
func (c Catalog) cells(d *document, b block, w workloads.Workload, t harness.Task, cores int, builtIn bool) []harness.Cell {
	direct := d.defaults()
	direct.Task, direct.Cores, direct.Strategy, direct.Workers = t, cores, harness.Direct, 1
	d.check(b.path, direct, w)
	cells := []harness.Cell{direct}
	if err := c.loop(w); err != nil {
		for _, ch := range b.choices {
			ch.Cell.Task, ch.Cell.Cores = t, cores
			c.Lacking(ch.Cell, err)
		}
		return cells
	}
	for _, ch := range b.choices {
		st, err := harness.Find(c.Strategies, "strategy", ch.Strategy, func(s catalog.Strategy) string { return s.Name })
		cell := ch.Cell
		cell.Task, cell.Cores = t, cores
		if err != nil && builtIn && c.Lacking != nil {
			c.Lacking(cell, fmt.Errorf("this program has no strategy %s", ch.Strategy))
			continue
		} else if err != nil {
			d.Fail(ch.path+".strategy", "%v", err)
		}
		axis, err := lacking(d, cell, w, st)
		if c.Lacking != nil && errors.Is(err, errors.ErrUnsupported) {
			c.Lacking(cell, err)
			continue
		} else if err != nil {
			d.Fail(ch.path+"."+axis, "%v", err)
		}
		if err == nil && st.Capabilities.Idiom == catalog.RemoteIdiom && w.Loop == "" {
			d.Fail(ch.path+".strategy", "strategy %s runs tasks in another program, which has no kernel of workload %s; choose a workload that begins with py-", st.Name, w.Name)
		}
		if c.Lacking != nil && st.Check != nil {
			if err := st.Check(context.Background(), catalog.Config{Python: c.Python}); err != nil {
				c.Lacking(cell, err)
				continue
			}
		}
		if st.Capabilities.Resumes && !w.Kernel.Resumes() {
			d.Fail(ch.path+".strategy", "strategy %s needs a kernel with a resumable form, and the kernel of workload %s has none; remove the cell", st.Name, w.Name)
		}
		switch {
		case cell.Workers == 0 && st.Capabilities.Parallel:
			cell.Workers = cores
		case cell.Workers == 0:
			cell.Workers = 1
		}
		if slices.Contains(cells, cell) {
			d.Fail(ch.path, "on %d cores, this cell is the same as another cell of its block; remove one", cores)
		}
		cells = append(cells, cell)
	}
	return cells
}

// loop returns the reason why the direct loop of the workload w cannot run here, or nil if it can.
// If c.Lacking is nil, loop checks nothing and returns nil.
func (c Catalog) loop(w workloads.Workload) error {
	i := slices.IndexFunc(c.Strategies, func(s catalog.Strategy) bool { return s.Name == w.Loop })
	if i < 0 || c.Lacking == nil || c.Strategies[i].Check == nil {
		return nil
	}
	return c.Strategies[i].Check(context.Background(), catalog.Config{Python: c.Python})
}

// check records an error if the workload w does not support a value of the cell c. The argument
// path is the place in the suite file of the table that describes the cell.
func (d *document) check(path string, c harness.Cell, w workloads.Workload) {
	if axis, err := lacking(d, c, w, catalog.Strategy{}); err != nil {
		d.Fail(path+"."+axis, "%v", err)
	}
}

// lacking checks whether the workload w and the strategy s support the values of the cell c. If
// they do not support a value, it returns the key of the first axis with such a value, and an error
// with the reason. Otherwise the error is nil.
func lacking(d *document, c harness.Cell, w workloads.Workload, s catalog.Strategy) (axis string, err error) {
	for _, a := range d.axes {
		var setup harness.Setup
		if a.Give != nil && s.Name != "" {
			a.Give(c, &setup)
		}
		var err error
		switch set := setup.Setting; {
		case set == catalog.Setting{}:
		case s.With == nil:
			err = fmt.Errorf("strategy %s has no %s; remove the key", s.Name, a.Key)
		default:
			_, err = s.With(set)
		}
		if err == nil && a.Check != nil {
			err = a.Check(c, w, s)
		}
		if err != nil {
			return a.Key, err
		}
	}
	return "", nil
}

// add adds the block b to blocks, unless another block already has all cells of b. If b has all
// cells of another block, it replaces that block. add returns an error if b shares only some cells
// with another block.
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
				return nil, fmt.Errorf("cell %s is also in another block of suite %s, which would mix its samples; remove one, or run the suites separately", cell, other.Suite)
			}
		}
	}
	return append(blocks, b), nil
}

// covers reports whether the block b has every cell of the block other.
func covers(b, other harness.Block) bool {
	return !slices.ContainsFunc(other.Cells, func(c harness.Cell) bool { return !slices.Contains(b.Cells, c) })
}
