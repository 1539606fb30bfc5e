package suite

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/workloads"
)

// Search returns one block for each value of the search, in the order of the values. Each block has
// the direct loop and the strategies that the search compares.
func (c Catalog) Search(s harness.Search) (blocks []harness.Block, err error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	w, err := harness.Find(c.Workloads, "workload", s.Task.Workload, func(w workloads.Workload) string { return w.Name })
	if err != nil {
		return nil, err
	}
	if a, _ := harness.AllAxes().Find(s.Axis); a.Has != nil && !a.Has(w) {
		return nil, fmt.Errorf("workload %s has no %s; name another axis or workload", w.Name, s.Axis)
	}
	c.Lacking = nil // a search needs all of its cells
	for _, v := range s.Values() {
		text, err := searchText(s, w, v)
		if err != nil {
			return nil, err
		}
		made, err := Parse(s.Name()+".toml", text)
		var one []harness.Block
		if err == nil {
			one, err = c.Matrix([]Suite{made}, []int{s.Cores})
		}
		if bad := (*Error)(nil); errors.As(err, &bad) { // the error names a suite file, which does not exist
			err = fmt.Errorf("%s %d: %s", s.Axis, v, bad.Reason)
		}
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, one...)
	}
	return blocks, nil
}

// searchText returns the TOML text of a suite with one block, in which the axis of the search has
// the value v.
func searchText(s harness.Search, w workloads.Workload, v int) ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "question = \"find\"\nmin-time = \"50ms\"\n\n[[block]]\nworkload = %q\n", w.Name)
	t := s.Task
	axis, _ := harness.AllAxes().Find(s.Axis)
	ofTask := !axis.Part.InCell()
	for _, key := range []string{"grain", "batch", "payload", "memory", "tasks"} {
		a, _ := harness.AllAxes().Find(key)
		cell := harness.Cell{Task: t}
		if n := *a.Int(&cell); key == s.Axis {
			fmt.Fprintf(&b, "%s = [%d]\n", key, v)
		} else if n > 0 {
			fmt.Fprintf(&b, "%s = [%d]\n", key, n)
		}
	}
	for _, side := range []string{s.A, s.B} {
		if side == harness.Direct {
			continue
		}
		name, settings, more := strings.Cut(side, ",")
		fmt.Fprintf(&b, "\n[[block.cell]]\nstrategy = %q\n", name)
		var keys []string
		for more {
			var setting string
			setting, settings, more = strings.Cut(settings, ",")
			key, value, ok := strings.Cut(setting, "=")
			if a, known := harness.AllAxes().Find(key); !ok || !known || !a.Part.InCell() || slices.Contains(keys, key) || value == "" {
				return nil, fmt.Errorf("strategy %s: %q is not a setting such as chunk=64", side, setting)
			}
			keys = append(keys, key)
			if _, err := strconv.Atoi(value); err != nil {
				value = strconv.Quote(value)
			}
			fmt.Fprintf(&b, "%s = %s\n", key, value)
		}
		if !ofTask && !slices.Contains(keys, s.Axis) {
			fmt.Fprintf(&b, "%s = %d\n", s.Axis, v)
		}
	}
	return []byte(b.String()), nil
}
