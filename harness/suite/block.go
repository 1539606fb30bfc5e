package suite

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// A block is a [[block]] table of a suite. It stands for one block of the run for each of its
// tasks on each of its core counts, with the same cells in each.
type block struct {
	path    string // in the document
	named   map[string]bool
	tasks   []harness.Task
	cores   []string // numbers and words; see ParseCores
	choices []choice
}

// A choice is a [[block.cell]] table of a suite with one value of each of its keys: a cell
// without task and cores. Workers is 0 for as many as cores.
type choice struct {
	harness.Cell
	path string // of its table
}

// defaults returns a cell that a suite says nothing about.
func (d *document) defaults() (c harness.Cell) {
	for _, a := range d.axes {
		if a.Default != "" {
			a.Set(&c, a.Default) // which the table of axes has right
		}
	}
	return c
}

// block reads a [[block]] table and validates what can be judged without knowing the machine.
func (d *document) block(path string, table map[string]any, minTime time.Duration) (b block, err error) {
	b = block{path: path, named: map[string]bool{}}
	if err := d.known(path, "block", table); err != nil {
		return b, err
	}
	workload, ok := table["workload"].(string)
	switch _, named := table["workload"]; {
	case named && !ok:
		return b, d.errorf(path+".workload", "%s", d.wanted("workload"))
	case workload == "":
		return b, d.errorf(path, `block without a workload; add workload = "spin"`)
	}
	tasks := []harness.Cell{{Task: harness.Task{Workload: workload}}}
	for _, a := range d.byPart() {
		at := path + "." + a.Key
		value, named := table[a.Key]
		switch {
		case !named || a.Part.InCell() || a.Key == "workload":
		case a.Part == harness.OfPlace:
			b.cores, err = d.cores(at, value)
		default:
			var texts []string
			if texts, err = d.texts(at, a, value); len(texts) > 0 {
				b.named[a.Key] = true
				tasks = product(tasks, a, texts)
			}
		}
		if err != nil {
			return b, err
		}
	}
	for _, c := range tasks {
		b.tasks = append(b.tasks, c.Task)
	}
	if len(b.cores) == 0 {
		b.cores = []string{CoresMax}
	}
	cells, ok := table["cell"].([]any)
	if _, named := table["cell"]; named && !ok {
		return b, d.errorf(path+".cell", "%s", d.wanted("cell"))
	}
	for i, cell := range cells {
		if err := d.cell(&b, fmt.Sprintf("%s.cell[%d]", path, i), cell); err != nil {
			return b, err
		}
	}
	if len(b.choices) == 0 {
		return b, d.errorf(path, "block without cells; add a [[block.cell]] with a strategy")
	}
	if err := d.fits(path, len(b.choices), minTime); err != nil {
		return b, err
	}
	for i, c := range b.choices {
		for _, a := range d.axes {
			if a.Part.InCell() && a.Check != nil {
				if err := a.Check(c.Cell, workloads.Workload{}, strategies.Strategy{}); err != nil {
					return b, d.errorf(c.path+"."+a.Key, "%v", err)
				}
			}
		}
		if slices.ContainsFunc(b.choices[:i], func(other choice) bool { return other.Cell == c.Cell }) {
			return b, d.errorf(c.path, "the same cell stands in this block twice; remove one")
		}
	}
	return b, nil
}

// cell reads a [[block.cell]] table, whose choices are the combinations of its values.
func (d *document) cell(b *block, path string, value any) error {
	table, ok := value.(map[string]any)
	if !ok {
		return d.errorf(path, "%s", d.wanted("cell"))
	}
	if err := d.known(path, "block.cell", table); err != nil {
		return err
	}
	cells := []harness.Cell{d.defaults()}
	for _, a := range d.byPart() {
		if value, named := table[a.Key]; named {
			texts, err := d.texts(path+"."+a.Key, a, value)
			if err != nil {
				return err
			}
			cells = product(cells, a, texts)
		}
	}
	for _, c := range cells {
		switch {
		case c.Strategy == "":
			return d.errorf(path, `cell without a strategy; add strategy = "pool"`)
		case c.Strategy == harness.Direct:
			return d.errorf(path+".strategy", "direct is in every block by itself; remove this cell")
		}
		b.choices = append(b.choices, choice{c, path})
	}
	return nil
}

// byPart returns the axes by what they are about: the number of tasks, say, after the rest of
// a task. So the values of later axes vary faster in the products below.
func (d *document) byPart() harness.Axes {
	return slices.SortedStableFunc(slices.Values(d.axes), func(a, b harness.Axis) int { return cmp.Compare(a.Part, b.Part) })
}

// product returns each of the cells with each of the texts as its value on the axis.
func product(cells []harness.Cell, a harness.Axis, texts []string) (all []harness.Cell) {
	for _, c := range cells {
		for _, text := range texts {
			a.Set(&c, text) // which texts has tried
			all = append(all, c)
		}
	}
	return all
}

// texts validates the values that a table has on an axis, and returns each as [harness.Axis.Set]
// reads it. A cell's key takes a value or several in brackets, a block's several.
func (d *document) texts(path string, a harness.Axis, value any) (texts []string, err error) {
	values, several := value.([]any)
	switch {
	case !several && !a.Part.InCell():
		return nil, d.errorf(path, "%s", d.wanted(a.Key))
	case !several:
		values = []any{value}
	case len(values) == 0 && a.Part.InCell():
		return nil, d.errorf(path, "%s is an empty list; name a value, or remove it", a.Key)
	}
	for i, v := range values {
		text, err := d.text(path, i, a, v)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, d.once(path, texts)
}

// text validates a value, which is number i in its list.
func (d *document) text(path string, i int, a harness.Axis, value any) (text string, err error) {
	var c harness.Cell
	switch v := value.(type) {
	case int64:
		if a.Word == nil {
			return fmt.Sprint(v), d.between(path, int(v), a.Least, a.Most)
		}
	case string:
		if a.Chunk != nil || a.Word != nil && v != "" {
			if err := a.Set(&c, v); err != nil || a.Chunk != nil && a.Chunk(&c).Fixed() != 0 {
				return "", d.errorf(path, "%s has %q; write numbers from 1 up without quotes, or policies: %s", a.Key, v, policies())
			}
			return a.Text(c), nil
		}
	}
	return "", d.errorf(fmt.Sprintf("%s[%d]", path, i), "%s", d.wanted(a.Key))
}

// known returns an error for the first key of a table that is not one of its keys.
func (d *document) known(path, table string, keys map[string]any) error {
	have := d.keys(table)
	line := func(key string) int { return d.lines[path+"."+key] }
	for _, key := range slices.SortedFunc(maps.Keys(keys), func(a, b string) int { return cmp.Or(cmp.Compare(line(a), line(b)), cmp.Compare(a, b)) }) {
		if !slices.Contains(have, key) {
			return d.errorf(path+"."+key, "%s", d.unknownKey(table, key))
		}
	}
	return nil
}

// fits returns an error for a block of too many cells besides direct. All cells that are
// compared stand in one block, so that the machine is in the same state for all of them: cells
// of two blocks would be paired through two more launches of direct, half a round apart.
// A sweep fits too, if its launches are short.
func (d *document) fits(path string, cells int, minTime time.Duration) error {
	switch {
	case cells < maxCells, cells < maxSweep && minTime <= maxSweepTime:
		return nil
	case cells < maxSweep:
		return d.errorf(path, "%d cells and direct are more than the %d that fit in a block; split it, or set min-time to %v or less, with which %d fit", cells, maxCells, maxSweepTime, maxSweep)
	}
	return d.errorf(path, "%d cells and direct are more than the %d that fit in a block, %d if min-time is %v or less; split it", cells, maxCells, maxSweep, maxSweepTime)
}

// Words of the cores axis beside numbers.
const (
	CoresMax    = "max"    // all cores that this process may use
	CoresPowers = "powers" // 1, 2, 4, … and max
)

// ParseCores returns the core counts that words (numbers, "max", "powers") stand for on
// a machine with most cores, ascending and each once. A count beyond the machine is a
// [harness.CoresError].
func ParseCores(words []string, most int) ([]int, error) {
	var counts []int
	for _, w := range words {
		switch n, err := strconv.Atoi(w); {
		case w == CoresMax:
			counts = append(counts, most)
		case w == CoresPowers:
			for n := 1; n < most; n *= 2 {
				counts = append(counts, n)
			}
			counts = append(counts, most)
		case err != nil || n < 1:
			return nil, fmt.Errorf("cores %q: not a number from 1 up, %q or %q", w, CoresMax, CoresPowers)
		case n > most:
			return nil, &harness.CoresError{Want: n, Have: most}
		default:
			counts = append(counts, n)
		}
	}
	slices.Sort(counts)
	return slices.Compact(counts), nil
}

// cores validates the values of the cores axis, which are numbers or words.
func (d *document) cores(path string, value any) (words []string, err error) {
	values, ok := value.([]any)
	if !ok {
		return nil, d.errorf(path, "%s", d.wanted("cores"))
	}
	for _, v := range values {
		w := fmt.Sprint(v)
		if n, err := strconv.Atoi(w); w != CoresMax && w != CoresPowers && (err != nil || n < 1) {
			return nil, d.errorf(path, `cores has %q; write numbers from 1 up, "max" or "powers"`, w)
		}
		words = append(words, w)
	}
	return words, d.once(path, words)
}
