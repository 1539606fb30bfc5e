package suite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/toml"
)

// An Error reports an invalid suite file, with the line and a remedy.
type Error = toml.Error

// A suiteTable is the TOML structure of a suite file. The keys of each table in Block are keys of
// axes.
type suiteTable struct {
	Question string           `toml:"question"`
	Rounds   *int             `toml:"rounds"`
	Budget   string           `toml:"budget"`
	MinTime  string           `toml:"min-time"`
	Suites   []string         `toml:"suites"`
	Block    []map[string]any `toml:"block"`
}

// wants describes the values of keys that are not axes.
var wants = map[string]string{
	"question": `text in quotes, such as question = "what pays off?"`,
	"rounds":   "a whole number, such as rounds = 6",
	"budget":   `a duration in quotes, such as budget = "3m"`,
	"min-time": `a duration in quotes, such as min-time = "100ms"`,
	"suites":   `names of built-in suites in brackets, such as suites = ["grain", "chunk"]`,
	"block":    "a table of its own: a line [[block]] with the keys below it",
	"cell":     "a table of its own: a line [[block.cell]] with the keys below it",
}

// A document is a suite file with the axes of its cells.
type document struct {
	*toml.Document
	axes harness.Axes
}

// decode decodes data, the text of a suite file, into v. It returns an error if the file has a key
// for which v has no field.
func decode(axes harness.Axes, file string, data []byte, v any) (*document, error) {
	doc := &document{axes: axes}
	var err error
	doc.Document, err = toml.Decode(file, data, v, toml.Schema{Unknown: doc.unknownKey, Wanted: doc.wanted})
	return doc, err
}

// keys returns the valid keys of a table: "" is the top level of the file, and the other tables are
// "block" and "block.cell". It returns nil for any other name.
func (d *document) keys(table string) []string {
	inCell := func(a harness.Axis) bool { return a.Part.InCell() }
	switch axes := slices.Clone(d.axes); table {
	case "":
		return []string{"question", "rounds", "budget", "min-time", "suites", "block"}
	case "block":
		return append(slices.DeleteFunc(axes, inCell).Keys(), "cell")
	case "block.cell":
		return slices.DeleteFunc(axes, func(a harness.Axis) bool { return !inCell(a) }).Keys()
	}
	return nil
}

// unknownKey returns the error text for an unknown key of a table. The text names the table that
// has the key, if any; otherwise it lists the keys of this table.
func (d *document) unknownKey(table, key string) string {
	full := strings.TrimPrefix(table+"."+key, ".")
	for _, other := range []struct{ path, name string }{
		{"", "the suite, above its blocks"}, {"block", "[[block]]"}, {"block.cell", "[[block.cell]]"},
	} {
		if other.path != table && slices.Contains(d.keys(other.path), key) {
			return fmt.Sprintf("unknown key %q: %s is a key of %s; move it there", full, key, other.name)
		}
	}
	have := d.keys(table)
	if have == nil {
		return fmt.Sprintf("unknown key %q; remove it", full)
	}
	return fmt.Sprintf("unknown key %q: %shave %s", full, harness.DidYouMean(key, have), strings.Join(have, ", "))
}

// wanted returns the error text for a value of the wrong type. The text describes the valid values
// of the key.
func (d *document) wanted(key string) string {
	if what := wants[key]; what != "" {
		return key + " wants " + what
	}
	if a, ok := d.axes.Find(key); ok {
		return fmt.Sprintf("%s wants %s, such as %s = %s", key, a.Wants, key, a.Example)
	}
	return key + " has a value of the wrong type"
}

// failWanted records an error about the value at path, which has the wrong type for the key.
func (d *document) failWanted(path, key string) { d.Fail(path, "%s", d.wanted(key)) }

// get returns the value of a key in the table, or the zero value if the table lacks the key. If the
// value has the wrong type, get records an error and returns the zero value.
func get[T any](d *document, path string, table map[string]any, key string) T {
	v, ok := table[key].(T)
	if _, named := table[key]; named && !ok {
		d.failWanted(path+"."+key, key)
	}
	return v
}

// once records an error if a value occurs twice in values, the list at path.
func (d *document) once(path string, values []string) {
	for i, v := range values {
		if slices.Contains(values[:i], v) {
			d.Fail(path, "%s has %v twice; remove one", path[strings.LastIndexByte(path, '.')+1:], v)
		}
	}
}

func (d *document) between(path string, v, low, high int) {
	if v < low || v > high {
		d.Fail(path, "%s = %d is not between %d and %d", path[strings.LastIndexByte(path, '.')+1:], v, low, high)
	}
}
