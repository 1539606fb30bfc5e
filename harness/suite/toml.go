package suite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/toml"
)

// An Error is the error for an invalid suite file. It contains the line of the fault and a remedy.
type Error = toml.Error

// A suiteTable is the structure of a suite file in TOML. The keys of a [[block]] table are keys of
// axes, such as grain.
type suiteTable struct {
	Question string           `toml:"question"`
	Rounds   *int             `toml:"rounds"`
	Budget   string           `toml:"budget"`
	MinTime  string           `toml:"min-time"`
	Suites   []string         `toml:"suites"`
	Block    []map[string]any `toml:"block"`
}

// wants describes the values of those keys of a suite file that are not axes.
var wants = map[string]string{
	"question": `text in quotes, such as question = "what pays off?"`,
	"rounds":   "a whole number, such as rounds = 6",
	"budget":   `a duration in quotes, such as budget = "3m"`,
	"min-time": `a duration in quotes, such as min-time = "100ms"`,
	"suites":   `names of built-in suites in brackets, such as suites = ["grain", "chunk"]`,
	"block":    "a table of its own: a line [[block]] with the keys below it",
	"cell":     "a table of its own: a line [[block.cell]] with the keys below it",
}

// A document is a suite file, and the axes that its cells can have.
type document struct {
	*toml.Document
	axes harness.Axes
}

// decode decodes data, the text of a suite file, into v. It returns an error if v has no field for
// a key of the file. The axes are those that cells of the suite can have.
func decode(axes harness.Axes, file string, data []byte, v any) (*document, error) {
	doc := &document{axes: axes}
	var err error
	doc.Document, err = toml.Decode(file, data, v, toml.Schema{Unknown: doc.unknownKey, Wanted: doc.wanted})
	return doc, err
}

// keys returns the keys that a table of a suite file may have. The table is "" for the top level of
// the file, "block" or "block.cell". For any other name, keys returns nil.
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

// unknownKey returns the error text for a key that a table may not have. If another table may have
// the key, the text names this table; otherwise the text lists the valid keys.
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

// wanted returns the error text for a value of the wrong type. The text describes the values that
// the key can have.
func (d *document) wanted(key string) string {
	if what := wants[key]; what != "" {
		return key + " wants " + what
	}
	if a, ok := d.axes.Find(key); ok {
		return fmt.Sprintf("%s wants %s, such as %s = %s", key, a.Wants, key, a.Example)
	}
	return key + " has a value of the wrong type"
}

// failWanted records an error if the value at path has the wrong type. The error describes the
// values that the key can have.
func (d *document) failWanted(path, key string) { d.Fail(path, "%s", d.wanted(key)) }

// get returns the value of a key in the table, or the zero value if the table does not have the
// key. If the value does not have the type T, get records an error and returns the zero value.
func get[T any](d *document, path string, table map[string]any, key string) T {
	v, ok := table[key].(T)
	if _, named := table[key]; named && !ok {
		d.failWanted(path+"."+key, key)
	}
	return v
}

// once records an error if the list at path contains a value twice. The argument values holds the
// elements of the list.
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
