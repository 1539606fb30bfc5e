package suite

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// A Filter selects cells by their values. It contains keys, such as strategy, and a list of values
// for each key. It selects a cell if, for each key, the cell's value is in the list. The zero
// Filter selects all cells.
type Filter struct {
	terms []term
}

type term struct {
	axis   harness.Axis
	values []string
}

// ParseFilter parses a filter such as "strategy:pool grain:1000", with a space between keys. A key
// may have several values: "strategy:pool,procs" or "strategy:(pool OR procs)".
func ParseFilter(text string) (Filter, error) { return parseFilter(harness.AllAxes(), text) }

// parseFilter parses a filter. The axes are those that a key of the filter can name.
func parseFilter(axes harness.Axes, text string) (f Filter, err error) {
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		key, after, ok := strings.Cut(rest, ":")
		if word, _, _ := strings.Cut(rest, " "); word == "OR" {
			return f, fmt.Errorf("filter %q: write OR between the values of one key, in parentheses: strategy:(pool OR procs)", text)
		}
		if !ok || key == "" || strings.ContainsAny(key, " ()") {
			return f, fmt.Errorf(`filter %q: %q is not key:value; write for example "strategy:pool grain:1000"`, text, rest)
		}
		axis, known := axes.Find(key)
		if !known {
			return f, &harness.UnknownError{Kind: "filter key", Name: key, Have: axes.Keys()}
		}
		var words []string
		if inside, is := strings.CutPrefix(after, "("); is {
			list, tail, closed := strings.Cut(inside, ")")
			if !closed {
				return f, fmt.Errorf("filter %q: the parenthesis after \"%s:\" is not closed; write %[2]s:(a OR b)", text, key)
			}
			words, rest = strings.Split(list, " OR "), tail
		} else {
			list, tail, _ := strings.Cut(after, " ")
			words, rest = strings.Split(list, ","), tail
		}
		t := term{axis: axis}
		for _, w := range words {
			if w = strings.TrimSpace(w); w == "" || strings.ContainsAny(w, " :()") {
				return f, fmt.Errorf(`filter %q: key %s has the value %q; write %[2]s:a,b or %[2]s:(a OR b)`, text, key, w)
			}
			t.values = append(t.values, w)
		}
		f.terms = append(f.terms, t)
	}
	return f, nil
}

// Without returns a copy of the filter in which the key has only the values v for which has(v) is
// true. The result absent lists the removed values. If the key had values and none of them remains,
// empty is true, and the returned filter selects no cell.
func (f Filter) Without(key string, has func(value string) bool) (_ Filter, absent []string, empty bool) {
	terms := slices.Clone(f.terms)
	for i, t := range terms {
		if t.axis.Key != key {
			continue
		}
		var kept []string
		for _, v := range t.values {
			if has(v) {
				kept = append(kept, v)
			} else {
				absent = append(absent, v)
			}
		}
		terms[i].values = kept
		empty = empty || len(kept) == 0
	}
	return Filter{terms}, absent, empty
}

// Apply returns copies of the blocks that contain only the direct loop and the cells that f
// selects. It leaves out blocks in which f selects no cell. If the filter has a value that no cell
// has, Apply returns a [harness.UnknownError]. If f selects no cell of any block, Apply also
// returns an error.
func (f Filter) Apply(blocks []harness.Block) ([]harness.Block, error) {
	if err := f.check(blocks); err != nil {
		return nil, err
	}
	var kept []harness.Block
	for _, b := range blocks {
		direct := b.Cells[0]
		cells := slices.DeleteFunc(slices.Clone(b.Cells[1:]), func(c harness.Cell) bool { return !f.Selects(c) })
		b.Cells = append([]harness.Cell{direct}, cells...)
		if len(cells) > 0 || len(f.terms) == 0 || f.names(harness.Direct) && f.Selects(direct) {
			kept = append(kept, b)
		}
	}
	if len(kept) == 0 {
		return nil, errors.New("the filter selects no cell: each of its values exists, but no cell has all of them")
	}
	return kept, nil
}

// check is like [Filter.Check], for all cells of the blocks.
func (f Filter) check(blocks []harness.Block) error {
	var cells []harness.Cell
	for _, b := range blocks {
		cells = append(cells, b.Cells...)
	}
	return f.Check(cells)
}

// Check returns a [harness.UnknownError] if the filter has a value that none of the cells has. The
// error is about the first such value.
func (f Filter) Check(cells []harness.Cell) error {
	for _, t := range f.terms {
		var have []string
		for _, c := range cells {
			if v := t.axis.Text(c); !slices.Contains(have, v) {
				have = append(have, v)
			}
		}
		slices.SortStableFunc(have, byNumber)
		for _, v := range t.values {
			if !slices.Contains(have, v) {
				return &harness.UnknownError{Kind: "value of filter key " + t.axis.Key, Name: v, Have: have}
			}
		}
	}
	return nil
}

// byNumber compares two texts for sorting. Numbers are sorted by size and come before all other
// texts. byNumber does not order the other texts.
func byNumber(a, b string) int {
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		if err != nil {
			return math.MaxInt
		}
		return n
	}
	return cmp.Compare(number(a), number(b))
}

// Selects reports whether f selects the cell: for each key of the filter, the cell must have one of
// the values that the filter lists.
func (f Filter) Selects(c harness.Cell) bool {
	excludes := func(t term) bool { return !slices.Contains(t.values, t.axis.Text(c)) }
	return !slices.ContainsFunc(f.terms, excludes)
}

// Axes returns the axes of the filter: one for each key, such as strategy.
func (f Filter) Axes() (axes harness.Axes) {
	for _, t := range f.terms {
		axes = append(axes, t.axis)
	}
	return axes
}

// names reports whether the filter lists the given strategy as a value of the key strategy.
func (f Filter) names(strategy string) bool {
	return slices.ContainsFunc(f.terms, func(t term) bool {
		return t.axis.Key == "strategy" && slices.Contains(t.values, strategy)
	})
}
