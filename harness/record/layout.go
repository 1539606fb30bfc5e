package record

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchproc"

	"github.com/payoff-bench/payoff/harness"
)

// A Layout arranges benchmark names in the rows and columns of tables. Two projections in
// benchstat's syntax, such as "/grain@num,/strategy", choose the keys of the rows and of the
// columns. Names that differ in other keys go to different tables, so that each place in a table
// has at most one name.
type Layout struct {
	row, col, rest *benchproc.Projection
	filter         *benchproc.Filter
}

// NewLayout parses two projections, which select the rows and the columns of a table. If row is
// empty, the rows show the whole name. If col is empty, the table has one column.
func NewLayout(row, col string) (*Layout, error) {
	all, err := benchproc.NewFilter("*")
	if err != nil {
		return nil, err
	}
	l, parser := &Layout{filter: all}, &benchproc.ProjectionParser{}
	if row == "" {
		row = ".fullname"
	}
	for _, p := range []struct {
		name, text string
		into       **benchproc.Projection
	}{{"rows", row, &l.row}, {"columns", col, &l.col}} {
		if *p.into, err = parser.Parse(p.text, l.filter); err != nil {
			return nil, fmt.Errorf("%s %q: %w", p.name, p.text, err)
		}
		for _, f := range (*p.into).Fields() {
			if f.Name != ".name" && f.Name != ".fullname" && !strings.HasPrefix(f.Name, "/") {
				return nil, fmt.Errorf("%s %q: key %s is not .name, .fullname or /axis", p.name, p.text, f.Name)
			}
		}
	}
	l.rest = parser.Residue()
	return l, nil
}

// A Placed is a table in which a [Layout] has placed benchmarks.
type Placed struct {
	Title      string     // parts of the names that are the same in the whole table
	Keys       []string   // keys of the rows
	Rows       [][]string // values of the keys
	Columns    []string   // "" if there is one column
	Benchmarks [][]int    // for each row and column, the index of the name in the argument of Place; -1 if there is none
}

// Place arranges the benchmark names in tables. A projection can list values of a key, such as
// "/grain@(1000 2000)". Place then leaves out names that have another value for this key. If a
// projection contains a key that no name has, Place returns a [harness.UnknownError].
func (l *Layout) Place(names []string) (tables []Placed, err error) {
	have := map[string]bool{}
	type place struct{ row, col benchproc.Key }
	at := map[benchproc.Key]map[place]int{}
	var order, rows, cols []benchproc.Key
	for i, name := range names {
		for part := range strings.SplitSeq(name, "/") {
			if key, _, ok := strings.Cut(part, "="); ok {
				have["/"+key] = true
			}
		}
		res := &benchfmt.Result{Name: benchfmt.Name(name), Iters: 1, Values: []benchfmt.Value{{Value: 1, Unit: "x"}}}
		if m, err := l.filter.Match(res); err != nil || !m.All() {
			continue
		}
		p, rest := place{l.row.Project(res), l.col.Project(res)}, l.rest.Project(res)
		if at[rest] == nil {
			at[rest], order = map[place]int{}, append(order, rest)
		}
		at[rest][p] = i
		rows, cols = append(rows, p.row), append(cols, p.col)
	}
	for _, f := range slices.Concat(l.row.Fields(), l.col.Fields()) {
		if strings.HasPrefix(f.Name, "/") && !have[f.Name] && f.Name != "/gomaxprocs" {
			return nil, &harness.UnknownError{Kind: "key", Name: f.Name, Have: slices.Sorted(maps.Keys(have))}
		}
	}
	for _, rest := range order {
		tables = append(tables, l.table(rest, func(row, col benchproc.Key) (int, bool) {
			i, ok := at[rest][place{row, col}]
			return i, ok
		}, sorted(rows), sorted(cols)))
	}
	return tables, nil
}

// sorted returns the keys without duplicates, in the order that their projection defines.
func sorted(keys []benchproc.Key) (out []benchproc.Key) {
	seen := map[benchproc.Key]bool{}
	for _, k := range keys {
		if !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	benchproc.SortKeys(out)
	return out
}

// table returns one table of benchmarks, without empty rows and columns. The arguments rows and
// cols hold the keys of the rows and columns. The key rest holds the other parts of the names,
// which are equal for all names in the table. The function at returns the index of the name that
// belongs in a row and a column, and false if there is none.
func (l *Layout) table(rest benchproc.Key, at func(row, col benchproc.Key) (int, bool), rows, cols []benchproc.Key) Placed {
	p := Placed{Title: rest.StringValues()}
	for _, f := range l.row.FlattenedFields() {
		p.Keys = append(p.Keys, strings.TrimPrefix(f.Name, "/"))
	}
	cols = slices.DeleteFunc(slices.Clone(cols), func(col benchproc.Key) bool {
		return !slices.ContainsFunc(rows, func(row benchproc.Key) bool { _, ok := at(row, col); return ok })
	})
	for _, col := range cols {
		p.Columns = append(p.Columns, col.String())
	}
	for _, row := range rows {
		line, some := make([]int, len(cols)), false
		for c, col := range cols {
			i, ok := at(row, col)
			if line[c] = i; !ok {
				line[c] = -1
			}
			some = some || ok
		}
		if !some {
			continue
		}
		var values []string
		for _, f := range l.row.FlattenedFields() {
			values = append(values, row.Get(f))
		}
		p.Rows, p.Benchmarks = append(p.Rows, values), append(p.Benchmarks, line)
	}
	return p
}
