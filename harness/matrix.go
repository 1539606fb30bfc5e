package harness

import (
	"fmt"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies/catalog"
)

// A Catalog is what suites can name here: the tables of strategies and workloads of
// the program, and the cores of the machine.
type Catalog struct {
	Strategies []catalog.Strategy
	Workloads  []Workload
	Cores      int // that this process may use; see [Cores]
}

// A Workload is what a matrix must know about one: its name and which axes it has.
type Workload struct {
	Name             string
	Grains, Payloads bool
	Resumes          bool     // its kernel has a resumable form
	Codecs           []string // that its kernel can be given, beside its own
	Memories         bool
	Finest           int      // ns of its finest grain
	Spreads          []string // how the work of its tasks can differ, [NoSpread] first; empty where they are always alike
	// Shape reads the name of a shape, or says what is wrong with it; nil for a workload that
	// takes none.
	Shape func(name string) (Shaped, error)
}

// A Shaped says how tasks that something befalls can be run: an error is why not.
type Shaped func(order string, can catalog.Capabilities) error

// A Block is the cells that are compared with each other and so are measured together:
// one task on one core count, at most [MaxCells] cells, the direct loop first.
type Block struct {
	Suite   string
	Task    Task
	Cores   int
	MinTime time.Duration
	Cells   []Cell
}

// Matrix expands suites to blocks, in the order of their files. If cores is not empty it
// replaces the cores axis of every block. A block whose cells all stand in another is
// left out; otherwise a cell other than direct that would stand in two blocks is an
// error, since its samples would be mixed. So is a suite that is named twice.
func (c Catalog) Matrix(suites []Suite, cores []int) ([]Block, error) {
	var blocks []Block
	suites = parts(suites)
	for k, s := range suites {
		if slices.ContainsFunc(suites[:k], func(other Suite) bool { return other.doc.file == s.doc.file }) {
			return nil, fmt.Errorf("suite %s is named twice; name it once", s.Name)
		}
		for i, a := range s.Axes {
			path := fmt.Sprintf("block[%d]", i)
			counts := cores
			if len(cores) == 0 {
				var err error
				if counts, err = ParseCores(a.Cores, c.Cores); err != nil {
					return nil, s.doc.errorf(path+".cores", "%v", err)
				}
			}
			tasks, err := c.tasks(s, path, a)
			if err != nil {
				return nil, err
			}
			for _, t := range tasks {
				for _, n := range counts {
					b, err := c.block(s, path, a, t, n)
					if err != nil {
						return nil, err
					}
					if blocks, err = add(blocks, b); err != nil {
						return nil, s.doc.errorf(path, "%v", err)
					}
				}
			}
		}
	}
	return blocks, nil
}

// parts returns the suites, those that consist of others as these.
func parts(suites []Suite) (all []Suite) {
	for _, s := range suites {
		if len(s.Parts) > 0 {
			all = append(all, s.Parts...)
		} else {
			all = append(all, s)
		}
	}
	return all
}

// tasks returns the tasks of a block table: grain by payload by spread by number, as far as its workload
// has those axes.
func (c Catalog) tasks(s Suite, path string, a Axes) ([]Task, error) {
	w := c.workload(a.Workload)
	if w.Name == "" {
		unknown := &UnknownError{Kind: "workload", Name: a.Workload}
		for _, w := range c.Workloads {
			unknown.Have = append(unknown.Have, w.Name)
		}
		return nil, s.doc.errorf(path+".workload", "%v", unknown)
	}
	grains, payloads := a.Grain, a.Payload
	switch {
	case w.Grains && len(grains) == 0:
		return nil, s.doc.errorf(path, "workload %s needs a grain in ns; add grain = [1000]", w.Name)
	case !w.Grains && len(grains) > 0:
		return nil, s.doc.errorf(path+".grain", "workload %s has no grain; remove it", w.Name)
	case !w.Payloads && len(payloads) > 0:
		return nil, s.doc.errorf(path+".payload", "workload %s has no payload; remove it", w.Name)
	}
	for _, g := range grains {
		if g < w.Finest {
			return nil, s.doc.errorf(path+".grain", "the finest grain of workload %s is %d ns; remove %d", w.Name, w.Finest, g)
		}
	}
	for _, spread := range a.Spread {
		switch {
		case spread == NoSpread || slices.Contains(w.Spreads, spread):
		case len(w.Spreads) == 0:
			return nil, s.doc.errorf(path+".spread", "the tasks of workload %s are always alike; remove spread", w.Name)
		default:
			return nil, s.doc.errorf(path+".spread", "%v", &UnknownError{Kind: "spread", Name: spread, Have: w.Spreads})
		}
	}
	memories, shapes := a.Memory, a.Shape
	switch {
	case w.Memories && len(memories) == 0:
		return nil, s.doc.errorf(path, "workload %s needs a memory in bytes; add memory = [65_536]", w.Name)
	case !w.Memories && len(memories) > 0:
		return nil, s.doc.errorf(path+".memory", "workload %s has no memory; remove it", w.Name)
	case len(memories) == 0:
		memories = []int{0}
	}
	for _, shape := range shapes {
		if shape == NoShape {
			continue
		}
		if w.Shape == nil {
			return nil, s.doc.errorf(path+".shape", "workload %s takes no shape; remove it", w.Name)
		}
		if _, err := w.Shape(shape); err != nil {
			return nil, s.doc.errorf(path+".shape", "%v", err)
		}
	}
	if len(shapes) == 0 {
		shapes = []string{NoShape}
	}
	spreads := a.Spread
	if len(spreads) == 0 {
		spreads = []string{NoSpread}
	}
	if len(grains) == 0 {
		grains = []int{0}
	}
	if len(payloads) == 0 {
		payloads = []int{0}
	}
	counts := a.Tasks
	if len(counts) == 0 {
		counts = []int{0}
	}
	var tasks []Task
	for _, g := range grains {
		for _, p := range payloads {
			for _, spread := range spreads {
				for _, m := range memories {
					for _, shape := range shapes {
						for _, n := range counts {
							tasks = append(tasks, Task{w.Name, g, p, unless(spread, NoSpread), n, m, unless(shape, NoShape)})
						}
					}
				}
			}
		}
	}
	return tasks, nil
}

// block returns the block of task t on a core count.
func (c Catalog) block(s Suite, path string, a Axes, t Task, cores int) (Block, error) {
	b := Block{Suite: s.Name, Task: t, Cores: cores, MinTime: s.MinTime}
	b.Cells = append(b.Cells, Cell{Strategy: Direct, Workers: 1, Chunk: FixedChunk(1), Order: MapOrder}.of(t, cores))
	for _, choice := range a.Choices {
		path := fmt.Sprintf("%s.cell[%d]", path, choice.table)
		k := slices.IndexFunc(c.Strategies, func(s catalog.Strategy) bool { return s.Name == choice.Strategy })
		if k < 0 {
			unknown := &UnknownError{Kind: "strategy", Name: choice.Strategy}
			for _, s := range c.Strategies {
				unknown.Have = append(unknown.Have, s.Name)
			}
			return b, s.doc.errorf(path+".strategy", "%v", unknown)
		}
		if key, why := c.unset(c.Strategies[k], t, choice.Cell); key != "" {
			return b, s.doc.errorf(path+"."+key, "%s", why)
		}
		if key, why := lacks(c.Strategies[k], choice.Cell); key != "" {
			return b, s.doc.errorf(path+"."+key, "%s", why)
		}
		if c.Strategies[k].Capabilities.Resumes && !c.workload(t.Workload).Resumes {
			return b, s.doc.errorf(path+".strategy", "strategy %s runs kernels with a resumable form, and workload %s has none; remove the cell", choice.Strategy, t.Workload)
		}
		if t.Shape != "" {
			if shaped, err := c.workload(t.Workload).Shape(t.Shape); err != nil {
				return b, s.doc.errorf(path, "%v", err)
			} else if err := shaped(choice.Order, c.Strategies[k].Capabilities); err != nil {
				return b, s.doc.errorf(path, "strategy %s: %v; remove the cell", choice.Strategy, err)
			}
		}
		cell := choice.Cell.of(t, cores)
		switch parallel := c.Strategies[k].Capabilities.Parallel; {
		case !parallel && choice.Workers > 1:
			return b, s.doc.errorf(path+".workers", "strategy %s runs one task at a time; remove workers", choice.Strategy)
		case !parallel:
			cell.Workers = 1
		case choice.Workers == 0:
			cell.Workers = cores
		}
		if slices.Contains(b.Cells, cell) {
			return b, s.doc.errorf(path, "on %d cores this is the same cell as another of its block; remove one", cores)
		}
		b.Cells = append(b.Cells, cell)
	}
	return b, nil
}

// unless returns word, "" if it is the plain one.
func unless(word, plain string) string {
	if word == plain {
		return ""
	}
	return word
}

// workload returns the one of that name, the zero Workload if there is none.
func (c Catalog) workload(name string) Workload {
	for _, w := range c.Workloads {
		if w.Name == name {
			return w
		}
	}
	return Workload{}
}

// add appends b, unless its cells all stand in a block already; a block that b covers
// makes room for it.
func add(blocks []Block, b Block) ([]Block, error) {
	for i, other := range blocks {
		switch {
		case other.covers(b):
			return blocks, nil
		case b.covers(other):
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

// covers reports whether every cell of other is one of b's.
func (b Block) covers(other Block) bool {
	return !slices.ContainsFunc(other.Cells, func(c Cell) bool { return !slices.Contains(b.Cells, c) })
}
