package suite

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// A Filter keeps the cells that have one of the values named for each of its keys. The
// zero Filter keeps all.
type Filter struct {
	terms []term
}

type term struct {
	axis   harness.Axis
	values []string
}

// ParseFilter reads "key:value key:value". Alternatives are written strategy:pool,procs
// or strategy:(pool OR procs).
func ParseFilter(text string) (Filter, error) { return parseFilter(harness.AllAxes(), text) }

// parseFilter reads a filter of cells that have these axes.
func parseFilter(axes harness.Axes, text string) (f Filter, err error) {
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		key, after, ok := strings.Cut(rest, ":")
		if word, _, _ := strings.Cut(rest, " "); word == "OR" {
			return f, fmt.Errorf("filter %q: OR stands between the values of one key, in parentheses: strategy:(pool OR procs)", text)
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
				return f, fmt.Errorf("filter %q: the parenthesis after %s: is never closed; write %[2]s:(a OR b)", text, key)
			}
			words, rest = strings.Split(list, " OR "), tail
		} else {
			list, tail, _ := strings.Cut(after, " ")
			words, rest = strings.Split(list, ","), tail
		}
		t := term{axis: axis}
		for _, w := range words {
			if w = strings.TrimSpace(w); w == "" || strings.ContainsAny(w, " :()") {
				return f, fmt.Errorf(`filter %q: key %s has a value %q; write %[2]s:a,b or %[2]s:(a OR b)`, text, key, w)
			}
			t.values = append(t.values, w)
		}
		f.terms = append(f.terms, t)
	}
	return f, nil
}

// Apply returns the blocks that have a cell which f keeps, with those cells alone and the
// direct loop, which every block needs. A value that no cell has, and a filter that
// keeps no cell at all, is an [harness.UnknownError].
func (f Filter) Apply(blocks []harness.Block) ([]harness.Block, error) {
	if err := f.check(blocks); err != nil {
		return nil, err
	}
	var kept []harness.Block
	for _, b := range blocks {
		direct := b.Cells[0]
		cells := slices.DeleteFunc(slices.Clone(b.Cells[1:]), func(c harness.Cell) bool { return !f.keeps(c) })
		b.Cells = append([]harness.Cell{direct}, cells...)
		if len(cells) > 0 || len(f.terms) == 0 || f.names(harness.Direct) && f.keeps(direct) {
			kept = append(kept, b)
		}
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("the filter keeps no cell: each of its values exists, but no cell has all of them")
	}
	return kept, nil
}

// check returns an error for the first value that no cell has.
func (f Filter) check(blocks []harness.Block) error {
	for _, t := range f.terms {
		var have []string // numbers by size, names as they appear
		for _, b := range blocks {
			for _, c := range b.Cells {
				if v := t.axis.Text(c); !slices.Contains(have, v) {
					have = append(have, v)
				}
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

// byNumber orders numbers by size and puts words after them, in the order that they had.
func byNumber(a, b string) int {
	key := func(text string) (word, n int) {
		n, err := strconv.Atoi(text)
		if err != nil {
			return 1, 0
		}
		return 0, n
	}
	wordA, x := key(a)
	wordB, y := key(b)
	return cmp.Or(cmp.Compare(wordA, wordB), cmp.Compare(x, y))
}

func (f Filter) keeps(c harness.Cell) bool {
	for _, t := range f.terms {
		if !slices.Contains(t.values, t.axis.Text(c)) {
			return false
		}
	}
	return true
}

// names reports whether f asks for strategy by name.
func (f Filter) names(strategy string) bool {
	return slices.ContainsFunc(f.terms, func(t term) bool {
		return t.axis.Key == "strategy" && slices.Contains(t.values, strategy)
	})
}
