package cli

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/profile"
	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/strategies/profiler"
)

// profileDiff prints the difference per task between a and b. If both are paths, they name
// profiles. Otherwise they name cells: of the profile of --from, or of the suites, whose cells it
// profiles first.
func (p Program) profileDiff(c *cobra.Command, a, b string, suites []string, f profileFlags) error {
	for _, kind := range f.kinds {
		if err := profile.Comparable(kind); err != nil {
			return misuse("--kind %s: %w", kind, err)
		}
		if kind == stagesKind {
			return misuse("--kind stages has no difference: stages of a task overlap with those of other tasks; payoff profile --kind stages prints both cells next to each other")
		}
		if kind == profiler.Trace {
			return misuse("--kind trace: traces have no difference per task; payoff profile --kind trace prints a table for each")
		}
	}
	here := func(path string) bool { _, err := os.Stat(path); return err == nil }
	earlier := f.from != "" || here(a) && here(b)
	switch {
	case earlier && len(suites) > 0:
		return misuse("--diff: these profiles exist already, so there is no suite to profile; remove %s", suites[0])
	case earlier && f.out != "" && len(f.kinds) > 1:
		return misuse("--out names the file of one difference, but there are %d kinds; choose one --kind", len(f.kinds))
	case f.from != "":
		for _, kind := range f.kinds {
			if err := diffCells(c, f.from, kind, a, b, f.filter, f.out); err != nil {
				return err
			}
		}
		return nil
	case here(a) && here(b):
		for _, kind := range f.kinds {
			if err := diffFiles(c, profilePath(a, kind), profilePath(b, kind), f.out); err != nil {
				return err
			}
		}
		return nil
	case here(a) || here(b) || strings.ContainsRune(a+b, filepath.Separator) && !strings.Contains(a+b, ":"):
		missing := a
		if here(a) {
			missing = b
		}
		return misuse("--diff: %s: no such file or folder; compare two profiles that payoff profile wrote, or two cells", missing)
	}
	return p.diffLaunched(c, a, b, suites, f)
}

// profilePath returns the path of a profile. If path is a folder, it is the profile of this kind in
// the folder; otherwise it is path itself.
func profilePath(path, kind string) string {
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return filepath.Join(path, kind+profileSuffix)
	}
	return path
}

// diffLaunched profiles two cells and prints their difference.
func (p Program) diffLaunched(c *cobra.Command, a, b string, suites []string, f profileFlags) error {
	m, err := p.matrix(c, suites, f.choice)
	if err != nil {
		return err
	}
	var cells []harness.Cell
	for _, block := range m.blocks {
		cells = append(cells, block.Cells...)
	}
	one, other, err := twoCells(a, b, cells)
	if err != nil {
		return err
	}
	dir, err := p.profileThose(c, m, f, func(c harness.Cell) bool { return c == one || c == other })
	if dir == "" || err != nil {
		return err
	}
	for _, kind := range f.kinds {
		path := filepath.Join(dir, kind+profileSuffix)
		if err := diffSides(c, path, path, one.String(), other.String(), filepath.Join(dir, kind+"-diff"+profileSuffix)); err != nil {
			return err
		}
	}
	return nil
}

// diffCells prints the difference between two cells of one profile. The argument from is the
// profile, or a folder with a profile of the kind.
func diffCells(c *cobra.Command, from, kind, a, b, filter, out string) error {
	path := profilePath(from, kind)
	sides, err := readProfile(path)
	if err != nil {
		return err
	}
	chosen, err := suite.ParseFilter(filter)
	if err != nil {
		return misuse("--filter: %w", err)
	}
	var cells []harness.Cell
	for _, s := range sides {
		cell, _, err := harness.ParseName("Job/" + s.Cell)
		if err != nil {
			return misuse("%s: %w", path, err)
		}
		if chosen.Selects(cell) {
			cells = append(cells, cell)
		}
	}
	if len(cells) == 0 {
		return misuse("--filter selects no cell of %s", path)
	}
	one, other, err := twoCells(a, b, cells)
	if err != nil {
		return err
	}
	return diffSides(c, path, path, one.String(), other.String(), out)
}

// twoCells returns the cells that the texts a and b select. It returns an error if they are the
// same cell.
func twoCells(a, b string, cells []harness.Cell) (one, other harness.Cell, err error) {
	if one, err = oneCell(a, cells); err != nil {
		return one, other, err
	}
	if other, err = oneCell(b, cells); err != nil {
		return one, other, err
	}
	if one == other {
		err = misuse("--diff compares two different cells, but %s and %s are the same", a, b)
	}
	return one, other, err
}

// diffFiles prints the difference between two profiles that have one cell each.
func diffFiles(c *cobra.Command, a, b, out string) error {
	var names [2]string
	for i, path := range []string{a, b} {
		sides, err := readProfile(path)
		if err != nil {
			return err
		}
		if len(sides) > 1 {
			return misuse("%s has %d cells; compare two of them: payoff profile --diff A B --from %[1]s, where A and B are strategies or filters", path, len(sides))
		}
		names[i] = sides[0].Cell
	}
	return diffSides(c, a, b, names[0], names[1], out)
}

// diffSides prints the difference between a cell of the profile a and a cell of the profile b, and
// writes it as a profile to the file out, unless out is "".
func diffSides(c *cobra.Command, a, b, one, other, out string) error {
	var sides [2]profile.Side
	for i, path := range []string{a, b} {
		all, err := readProfile(path)
		if err != nil {
			return err
		}
		cell := []string{one, other}[i]
		sides[i] = all[slices.IndexFunc(all, func(s profile.Side) bool { return s.Cell == cell })]
		if n := sides[i].Samples(); n >= 0 && n < profile.FewestSamples {
			return &statusError{Unresolved, fmt.Errorf("%s: %s: %d samples of its jobs are too few to compare, at least %d are needed; profile it for longer with --time", path, cell, n, profile.FewestSamples)}
		}
	}
	d, err := profile.Compare(sides[0], sides[1])
	if err != nil {
		return misuse("--diff: %w", err)
	}
	if out != "" {
		if err := writeNew(out, d.Write); err != nil {
			return err
		}
	}
	return printDifference(c.OutOrStdout(), d, out)
}

// readProfile reads a profile that payoff profile wrote.
func readProfile(path string) ([]profile.Side, error) {
	sides, err := profile.Read(path)
	if err != nil {
		return nil, misuse("--diff: %w", err)
	}
	return sides, nil
}

// oneCell returns the one cell that the filter in text selects. In this filter, a word without a
// colon stands for a strategy.
func oneCell(text string, cells []harness.Cell) (none harness.Cell, err error) {
	words := strings.Fields(text)
	for i, w := range words {
		if !strings.ContainsAny(w, ":()") && w != "OR" {
			words[i] = "strategy:" + w
		}
	}
	filter, err := suite.ParseFilter(strings.Join(words, " "))
	if err == nil {
		err = filter.Check(cells)
	}
	if err != nil {
		return none, misuse("--diff %s: no such cell: %w", text, err)
	}
	var found []harness.Cell
	for _, c := range cells {
		if filter.Selects(c) && !slices.Contains(found, c) {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 0:
		return none, misuse("--diff %s: no cell has all of these values; payoff run --dry-run lists the cells", text)
	case 1:
		return found[0], nil
	}
	var differ []string
	for _, axis := range harness.AllAxes() {
		var values []string
		for _, c := range found {
			if v := axis.Text(c); !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
		if len(values) > 1 {
			differ = append(differ, axis.Key+":"+strings.Join(values, ","))
		}
	}
	return none, misuse("--diff %s: %d cells match; choose one value of each key, here or with --filter: %s", text, len(found), strings.Join(differ, " "))
}

// errNone is the error for a difference between profiles without samples.
var errNone = errors.New("neither profile has a sample from the work of a job")

// printDifference prints a table of the stages, and a table of the functions that differ most and
// by more than the error of sampling. The argument path is the file of the difference, or "".
func printDifference(w io.Writer, d profile.Difference, path string) error {
	if len(d.Functions) == 0 {
		return &statusError{Unresolved, fmt.Errorf("--diff: %w", errNone)}
	}
	unit := map[string]string{"nanoseconds": "ns", "bytes": "B"}[d.Unit]
	t := &differenceTable{w: w, interval: d.A.Kind == "cpu"}
	fmt.Fprintf(w, "\n%s in %s per task\nA  %s (%d tasks)\nB  %s (%d tasks)\n\n", d.A.Kind, unit, d.A.Cell, d.A.Tasks, d.B.Cell, d.B.Tasks)
	t.head("stage")
	for _, r := range d.Stages {
		t.row(r)
	}
	if l, ok := d.Ledger(); ok {
		t.ledger(l)
	} else {
		d.Total.Name = "all"
		t.row(d.Total)
	}
	fmt.Fprintln(w)
	t.head("function")
	rest, left := profile.Row{}, 0
	for _, r := range d.Functions {
		if t.rows < most && math.Abs(r.Diff()) > r.Half {
			t.row(r)
			continue
		}
		left++
		rest.A, rest.B, rest.Half = rest.A+r.A, rest.B+r.B, math.Hypot(rest.Half, r.Half)
	}
	if left > 0 {
		rest.Name = format.Count(left, "other function")
		t.row(rest)
	}
	if path != "" {
		fmt.Fprintf(w, "\nin pprof  go tool pprof -top %s\n", operand(path))
	}
	return t.err
}
