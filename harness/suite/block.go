package suite

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/workloads"
)

// A block is a [[block]] table of a suite file. It expands to one [harness.Block] for each
// combination of a task and a number of cores. All of these blocks compare the same choices.
type block struct {
	path    string // path of the table in the document
	named   map[string]bool
	tasks   []harness.Task
	cores   []string // numbers and words; see [ParseCores]
	choices []choice
}

// A choice is a cell without its task and its number of cores: one combination of the values in a
// [[block.cell]] table. The field Workers is 0 if the table does not set it.
type choice struct {
	harness.Cell
	path string // path of the table in the document
}

// defaults returns a cell that has the default value on each axis.
func (d *document) defaults() (c harness.Cell) {
	for _, a := range d.axes {
		if a.Default != "" {
			a.Set(&c, a.Default) // defaults are valid
		}
	}
	return c
}

// block converts a [[block]] table of the suite file. It records an error for each fault that can
// be found without knowing the machine.
func (d *document) block(path string, table map[string]any, minTime time.Duration) block {
	b := block{path: path, named: map[string]bool{}, cores: []string{CoresMax}}
	d.known(path, "block", table)
	workload := get[string](d, path, table, "workload")
	if workload == "" {
		d.Fail(path, `block without a workload; add workload = "spin"`)
	}
	tasks := []harness.Cell{{Task: harness.Task{Workload: workload}}}
	for _, a := range d.byPart() {
		value, named := table[a.Key]
		switch {
		case !named || a.Part.InCell() || a.Key == "workload":
		case a.Part == harness.OfPlace:
			if words := d.cores(path+"."+a.Key, value); len(words) > 0 {
				b.cores = words
			}
		default:
			if texts := d.texts(path+"."+a.Key, a, value); len(texts) > 0 {
				b.named[a.Key] = true
				tasks = product(tasks, a, texts)
			}
		}
	}
	for _, c := range tasks {
		b.tasks = append(b.tasks, c.Task)
	}
	for i, table := range get[[]any](d, path, table, "cell") {
		b.choices = append(b.choices, d.cell(fmt.Sprintf("%s.cell[%d]", path, i), table)...)
	}
	if len(b.choices) == 0 {
		d.Fail(path, "block without cells; add a [[block.cell]] with a strategy")
	}
	d.fits(path, len(b.choices), minTime)
	for i, c := range b.choices {
		d.check(c.path, c.Cell, workloads.Workload{})
		if slices.ContainsFunc(b.choices[:i], func(other choice) bool { return other.Cell == c.Cell }) {
			d.Fail(c.path, "the block has the same cell twice; remove one")
		}
	}
	return b
}

// cell converts a [[block.cell]] table of the suite file. If values in the table are lists, cell
// returns a [choice] for each combination of their elements.
func (d *document) cell(path string, value any) (choices []choice) {
	table, ok := value.(map[string]any)
	if !ok {
		d.failWanted(path, "cell")
	}
	d.known(path, "block.cell", table)
	cells := []harness.Cell{d.defaults()}
	for _, a := range d.byPart() {
		if value, named := table[a.Key]; named {
			cells = product(cells, a, d.texts(path+"."+a.Key, a, value))
		}
	}
	for _, c := range cells {
		switch c.Strategy {
		case "":
			d.Fail(path, `cell without a strategy; add strategy = "pool"`)
		case harness.Direct:
			d.Fail(path+".strategy", "every block contains the direct loop automatically; remove this cell")
		}
		choices = append(choices, choice{c, path})
	}
	return choices
}

// byPart returns the axes sorted by [harness.Part], so that the number of tasks comes after the
// axes that describe a single task. The values of later axes vary faster in the list of all
// combinations.
func (d *document) byPart() harness.Axes {
	return slices.SortedStableFunc(slices.Values(d.axes), func(a, b harness.Axis) int { return cmp.Compare(a.Part, b.Part) })
}

// product returns a cell for each combination of an element of cells and an element of texts: a
// copy of the cell with the text as its value on the axis a.
func product(cells []harness.Cell, a harness.Axis, texts []string) (all []harness.Cell) {
	for _, c := range cells {
		for _, text := range texts {
			a.Set(&c, text) // the method texts has validated it
			all = append(all, c)
		}
	}
	return all
}

// texts returns the values that a suite file gives for the axis a, as texts for [harness.Axis.Set].
// It records an error if a value is invalid. In a [[block.cell]] table, the argument value may be a
// list or a single value; in a [[block]] table, it must be a list.
func (d *document) texts(path string, a harness.Axis, value any) (texts []string) {
	values, several := value.([]any)
	switch {
	case !several && !a.Part.InCell():
		d.failWanted(path, a.Key)
	case !several:
		values = []any{value}
	case len(values) == 0 && a.Part.InCell():
		d.Fail(path, "%s is an empty list; add a value, or remove the key", a.Key)
	}
	for i, v := range values {
		texts = append(texts, d.text(path, i, a, v))
	}
	d.once(path, texts)
	return texts
}

// text converts element i of the list at path, a value on the axis a, to text. It records an error
// if the value is invalid.
func (d *document) text(path string, i int, a harness.Axis, value any) string {
	var c harness.Cell
	switch v := value.(type) {
	case int64:
		if a.Int != nil || a.Parse != nil {
			d.between(path, int(v), a.Least, a.Most)
			return fmt.Sprint(v)
		}
	case string:
		if _, err := strconv.Atoi(v); a.Parse != nil && (err == nil || a.Set(&c, v) != nil) {
			d.Fail(path, "%s has %q; write numbers from 1 up without quotes, or policies: %q", a.Key, v, chunk.All())
		}
		if a.Word != nil && v != "" {
			a.Set(&c, v)
			return a.Text(c)
		}
	}
	d.failWanted(fmt.Sprintf("%s[%d]", path, i), a.Key)
	return ""
}

// known records an error if a table has unknown keys. If there are several, the error is about the
// one that comes first in the file.
func (d *document) known(path, table string, keys map[string]any) {
	have := d.keys(table)
	line := func(key string) int { return d.Line(path + "." + key) }
	for _, key := range slices.SortedFunc(maps.Keys(keys), func(a, b string) int { return cmp.Or(cmp.Compare(line(a), line(b)), cmp.Compare(a, b)) }) {
		if !slices.Contains(have, key) {
			d.Fail(path+"."+key, "%s", d.unknownKey(table, key))
		}
	}
}

// fits records an error if a block has too many cells. The argument cells is the number of cells
// without the direct loop.
//
// All cells that are compared are in one block. A block must be short, so that the machine stays in
// the same state during the block; a block with short launches may have more cells. Cells of
// different blocks are not compared, because such a comparison would be less exact: it would also
// depend on a launch of the direct loop in each block, half a round apart.
func (d *document) fits(path string, cells int, minTime time.Duration) {
	switch {
	case cells < maxCells, cells < maxSweep && minTime <= maxSweepTime:
	case cells < maxSweep:
		d.Fail(path, "%d cells and the direct loop are more than the %d cells that a block may have; split the block, or set min-time to %v or less, which allows %d cells", cells, maxCells, maxSweepTime, maxSweep)
	default:
		d.Fail(path, "%d cells and the direct loop are more than the %d cells that a block may have (%d if min-time is %v or less); split the block", cells, maxCells, maxSweep, maxSweepTime)
	}
}

// Words that the key cores accepts in place of numbers.
const (
	CoresMax    = "max"    // all cores that this process may use
	CoresPowers = "powers" // 1, 2, 4, … and max
)

// ParseCores converts words to numbers of cores, sorted and without duplicates. A word is a number,
// [CoresMax] or [CoresPowers]. The argument most is the number of cores that this process may use.
// ParseCores returns a [harness.CoresError] for a number above most.
func ParseCores(words []string, most int) (counts []int, err error) {
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
			return nil, fmt.Errorf("cores %q: want a number from 1 up, %q or %q", w, CoresMax, CoresPowers)
		case n > most:
			return nil, &harness.CoresError{Want: n, Have: most}
		default:
			counts = append(counts, n)
		}
	}
	slices.Sort(counts)
	return slices.Compact(counts), nil
}

// cores returns the values of the key cores as words. It records an error if a value is invalid.
func (d *document) cores(path string, value any) (words []string) {
	values, ok := value.([]any)
	if !ok {
		d.failWanted(path, "cores")
	}
	for _, v := range values {
		words = append(words, fmt.Sprint(v))
		if _, err := ParseCores(words[len(words)-1:], math.MaxInt32); err != nil {
			d.Fail(path, `cores has %q; write numbers from 1 up, "max" or "powers"`, words[len(words)-1])
		}
	}
	d.once(path, words)
	return words
}
