package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness/record"
)

// A grid is a table of texts that shows some rows of a [Table]. The first line holds the titles.
type grid struct {
	title string
	rows  [][]string
}

// Arrange arranges the rows in tables, for the formats text and Markdown. row and col are keys in
// benchstat's syntax for the rows and the columns of the tables, such as "/grain@num" and
// "/strategy". If col is "", each benchmark has a line with all values. Otherwise each benchmark
// has one table cell, with the ratio and the verdict. If both keys are "", the rows remain a list.
func (t *Table) Arrange(row, col string) error {
	if row == "" && col == "" {
		return nil
	}
	t.arranged = []grid{}
	var units []string
	for _, r := range t.Rows {
		if !slices.Contains(units, r.Unit) {
			units = append(units, r.Unit)
		}
	}
	for _, unit := range units {
		var rows []Row
		var names []string
		for _, r := range t.Rows {
			if r.Unit == unit {
				rows, names = append(rows, r), append(names, r.Name)
			}
		}
		layout, err := record.NewLayout(row, col)
		if err != nil {
			return err
		}
		tables, err := layout.Place(names)
		if err != nil {
			return err
		}
		for _, p := range tables {
			t.arranged = append(t.arranged, t.grid(unit, p, rows))
		}
	}
	return nil
}

// grid returns a table of texts for one unit. The argument p has the place of each benchmark in the
// table.
func (t *Table) grid(unit string, p record.Placed, rows []Row) grid {
	g := grid{title: strings.TrimSuffix(unit+": "+p.Title, ": ")}
	single := len(p.Columns) == 1 && p.Columns[0] == ""
	if single {
		g.rows = [][]string{append(append(slices.Clone(p.Keys), t.columns()...), "")}
	} else {
		g.rows = [][]string{append(slices.Clone(p.Keys), p.Columns...)}
	}
	doubts := t.doubts()
	for i, values := range p.Rows {
		line := slices.Clone(values)
		for _, at := range p.Benchmarks[i] {
			switch {
			case at < 0:
				line = append(line, "")
			case single:
				line = append(append(line, rows[at].cells()...), rows[at].remarks(doubts))
			default:
				line = append(line, Ratio(rows[at].Ratio)+" "+rows[at].Words())
			}
		}
		g.rows = append(g.rows, line)
	}
	return g
}

// grids returns the rows as tables of texts: the tables of Arrange or, if the caller did not call
// Arrange, a single list.
func (t *Table) grids() []grid {
	if t.arranged != nil || len(t.Rows) == 0 {
		return t.arranged
	}
	rows, same := t.list(t.Rows)
	return []grid{{same, rows}}
}

// list returns the rows as lines of texts, below a line of titles. Each key whose values differ
// between the names of the rows has its own column. The result same contains the parts that all
// names have in common.
func (t *Table) list(rows []Row) (lines [][]string, same string) {
	keys, same := split(rows)
	if len(keys) == 0 {
		keys, same = []string{"name"}, ""
	}
	titles := make([]string, len(keys))
	for i, key := range keys {
		titles[i] = cmp.Or(key, "name")
	}
	doubts := t.doubts()
	lines = [][]string{append(append(titles, t.columns()...), "")}
	for _, r := range rows {
		line := make([]string, len(keys))
		for i, key := range keys {
			line[i] = cmp.Or(parts(r.Name)[key], absent)
		}
		if keys[0] == "name" {
			line[0] = r.Name
		}
		lines = append(lines, append(append(line, r.cells()...), r.remarks(doubts)))
	}
	return lines, same
}

// doubts returns the doubts about all rows in the order of the rows, each doubt once.
func (t *Table) doubts() (all []string) {
	for _, r := range slices.Concat(t.Rows, t.Floor) {
		for _, doubt := range r.Doubts {
			if !slices.Contains(all, doubt) {
				all = append(all, doubt)
			}
		}
	}
	return all
}

// remarks returns the text for the last column of a row: the number of launches that a verdict
// needs, and the footnote number of each doubt about the row. The argument all lists the doubts in
// the order of the footnotes.
func (r Row) remarks(all []string) string {
	var words []string
	if r.Rounds > 0 {
		words = append(words, fmt.Sprintf("a verdict needs n = %d", r.Rounds))
	}
	for _, doubt := range r.Doubts {
		words = append(words, fmt.Sprintf("[%d]", slices.Index(all, doubt)+1))
	}
	return strings.Join(words, " ")
}

// footnotes returns a line for each doubt, with the number that rows refer to.
func (t *Table) footnotes() (lines []string) {
	for i, doubt := range t.doubts() {
		lines = append(lines, fmt.Sprintf("[%d] %s", i+1, doubt))
	}
	return lines
}

// parts splits a benchmark name at its slashes. For each part key=value, the result maps the key to
// the value. The other parts are joined, and the result maps the key "" to them.
func parts(name string) map[string]string {
	values := map[string]string{}
	var rest []string
	for part := range strings.SplitSeq(name, "/") {
		if key, value, ok := strings.Cut(part, "="); ok {
			values[key] = value
		} else {
			rest = append(rest, part)
		}
	}
	values[""] = strings.Join(rest, "/")
	return values
}

// split returns the keys whose values differ between the names of the rows, in order of appearance.
// The result same contains the parts that all names have in common. If all names are equal, split
// returns no keys.
func split(rows []Row) (keys []string, same string) {
	var order, common []string
	values := map[string]map[string]bool{}
	for _, r := range rows {
		for _, axis := range append([][2]string{{"", ""}}, r.Axes()...) {
			if values[axis[0]] == nil {
				values[axis[0]] = map[string]bool{}
				order = append(order, axis[0])
			}
		}
	}
	for _, key := range order {
		for _, r := range rows {
			values[key][parts(r.Name)[key]] = true
		}
		switch value := parts(rows[0].Name)[key]; {
		case len(values[key]) > 1:
			keys = append(keys, key)
		case key == "":
			common = append(common, value)
		default:
			common = append(common, key+"="+value)
		}
	}
	if len(keys) == 0 || len(common) == 0 {
		return keys, ""
	}
	return keys, "all: " + strings.Join(common, "/")
}
