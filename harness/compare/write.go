package compare

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// A form is a format in which [Write] writes a table.
type form struct {
	name  string
	write func(io.Writer, *Table) error
}

// forms lists the formats. The last two are the arrays that actions for continuous benchmarking read
// (github-action-benchmark: customSmallerIsBetter and customBiggerIsBetter).
var forms = []form{
	{"text", text},
	{"md", markdown},
	{"csv", comma},
	{"json", document},
	{"smaller", func(w io.Writer, t *Table) error { return action(w, t, "lower") }},
	{"bigger", func(w io.Writer, t *Table) error { return action(w, t, "higher") }},
}

// Formats returns the names of the formats that [Write] supports.
func Formats() (names []string) {
	for _, f := range forms {
		names = append(names, f.name)
	}
	return names
}

// Write writes the table in the format with the given name. If there is no such format, it returns
// a [harness.UnknownError].
func Write(w io.Writer, t *Table, format string) error {
	i := slices.IndexFunc(forms, func(f form) bool { return f.name == format })
	if i < 0 {
		return &harness.UnknownError{Kind: "format", Name: format, Have: Formats()}
	}
	return forms[i].write(w, t)
}

// columns returns the titles of the columns that show a row.
func (t *Table) columns() []string {
	return []string{"unit", t.Old.Name, t.New.Name, t.New.Name + "/" + t.Old.Name, "verdict", "p", "n"}
}

// cells returns the texts of a row, one for each column of a table.
func (r Row) cells() []string {
	return []string{r.Unit, value(r.Unit, r.Old), value(r.Unit, r.New), Ratio(r.Ratio), r.Words(), r.p(), r.n()}
}

// p returns the p-value of the row as text.
func (r Row) p() string {
	if !r.Ratio.Bounded() {
		return absent
	}
	return strconv.FormatFloat(r.P, 'g', 2, 64)
}

// n returns the number of launches of each side as text, such as "6+7", or "6" if both sides have
// the same number.
func (r Row) n() string {
	if r.Old.N == r.New.N {
		return strconv.Itoa(r.Old.N)
	}
	return fmt.Sprintf("%d+%d", r.Old.N, r.New.N)
}

// absent is the text for a value that was not measured.
const absent = "–"

// value returns an estimate with its unit as text. For a time, it chooses the unit by size, such as
// µs.
func value(unit string, e analyze.Estimate) string {
	switch {
	case !e.Known():
		return absent
	case !isTime(unit) || e.Value <= 0:
		return plain(e.Value)
	case strings.HasPrefix(unit, "sec"):
		return format.Time(1e9*e.Value, 4)
	}
	return format.Time(e.Value, 4)
}

// isTime reports whether the unit is a time. If the name of the unit begins with sec, the time is
// in seconds, and otherwise in ns.
func isTime(unit string) bool {
	first, _, _ := strings.Cut(unit, "/")
	return first == "ns" || first == "sec" || strings.HasSuffix(first, "-ns") || isNsec(unit)
}

// isNsec reports whether the unit is a time in ns that can be zero, such as a CPU time. The names
// of such units end in -nsec.
func isNsec(unit string) bool {
	first, _, _ := strings.Cut(unit, "/")
	return strings.HasSuffix(first, "-nsec")
}

// plain returns a number as text: all digits of a whole number, and up to four significant digits
// of any other number.
func plain(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// comma writes the rows as comma-separated values (CSV). Numbers have all digits.
func comma(w io.Writer, t *Table) error {
	c := csv.NewWriter(w)
	c.Write([]string{"name", "unit", "better", t.Old.Name, t.New.Name, "ratio", "low", "high", "verdict", "p", "n_" + t.Old.Name, "n_" + t.New.Name, "gate", "doubts"})
	number := func(v float64, known bool) string {
		if !known || !finite(v) {
			return ""
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	for _, r := range t.Rows {
		q := r.Ratio
		c.Write([]string{r.Name, r.Unit, r.Better, number(r.Old.Value, r.Old.Known()), number(r.New.Value, r.New.Known()),
			number(q.Value, q.Known()), number(q.Lo, q.Bounded()), number(q.Hi, q.Bounded()), r.Words(), number(r.P, q.Bounded()),
			strconv.Itoa(r.Old.N), strconv.Itoa(r.New.N), strconv.FormatBool(r.decides()), strings.Join(r.Doubts, "; ")})
	}
	for _, m := range t.Missing {
		c.Write([]string{m.Name, m.Unit, "", "", "", "", "", "", "missing in " + m.Side, "", "", "", "", m.Hint})
	}
	c.Flush()
	return c.Error()
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// A point is one element of the JSON array that actions for continuous benchmarking read.
type point struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Value float64 `json:"value"`
	Range string  `json:"range,omitempty"`
	Extra string  `json:"extra,omitempty"`
}

// action writes a JSON array that actions of continuous benchmarking read. It has one element for
// each row of a unit in which the given direction, "lower" or "higher", is better. The element
// holds the value of the new side. The array can be empty.
func action(w io.Writer, t *Table, better string) error {
	points := []point{}
	for _, r := range t.Rows {
		if r.Better != better || !r.New.Known() {
			continue
		}
		p := point{Name: r.Name, Unit: r.Unit, Value: r.New.Value,
			Extra: fmt.Sprintf("%s, %s/%s %s, n = %s", r.Words(), t.New.Name, t.Old.Name, Ratio(r.Ratio), r.n())}
		if r.New.Bounded() {
			p.Range = "± " + format.Percent(math.Round(1000*r.New.Half())/1000)
		}
		points = append(points, p)
	}
	return indented(w, points)
}

func indented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
