package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness/record"
)

// A grid is a part of the rows as a table of texts, with a line of titles.
type grid struct {
	title string
	rows  [][]string
}

// Arrange arranges the rows for text and Markdown by two projections in benchstat's syntax, such as
// "/grain@num" and "/strategy". With columns, a place has only the ratio and the verdict. Without
// any projection the rows remain a list.
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

// grid returns the rows at the places of a table.
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

// grids returns the rows as arranged, or as one list.
func (t *Table) grids() []grid {
	if t.arranged != nil || len(t.Rows) == 0 {
		return t.arranged
	}
	rows, same := t.list(t.Rows)
	return []grid{{same, rows}}
}

// list returns rows with a line of titles. A name has a column for each key in which the names
// differ. The parts that all names have in common are returned as same.
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

// doubts returns the distinct doubts about all rows, in order of appearance.
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

// remarks returns the numbers that the doubts about a row have in all, and how many launches may
// decide it.
func (r Row) remarks(all []string) string {
	var words []string
	if r.Rounds > 0 {
		words = append(words, fmt.Sprintf("needs n = %d", r.Rounds))
	}
	for _, doubt := range r.Doubts {
		words = append(words, fmt.Sprintf("[%d]", slices.Index(all, doubt)+1))
	}
	return strings.Join(words, " ")
}

// footnotes returns the doubts with their numbers.
func (t *Table) footnotes() (lines []string) {
	for i, doubt := range t.doubts() {
		lines = append(lines, fmt.Sprintf("[%d] %s", i+1, doubt))
	}
	return lines
}

// parts returns the values of the parts key=value of a name, and the rest of the name with the key "".
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

// split returns the keys in which the names of the rows differ, in order of appearance, and the parts
// that the names have in common. It returns no key if there is only one name.
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
