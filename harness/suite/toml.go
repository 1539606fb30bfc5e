package suite

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/payoff-bench/payoff/harness"
)

// An Error reports an invalid suite file, with the line and a remedy.
type Error struct {
	File   string
	Line   int // from 1; 0 if no single line is at fault
	Reason string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
}

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

// A document is a TOML file with the line numbers of its keys, for errors. It keeps only the first
// error, so the methods that read the file continue after an error, with zero values.
type document struct {
	axes  harness.Axes
	file  string
	lines map[string]int // by path, such as "block[1].cell[0].order" or "block[1].grain[2]"
	err   error
}

// decode decodes data, the text of a TOML file, into v. It returns an error if the file has a key
// for which v has no field.
func decode(axes harness.Axes, file string, data []byte, v any) (*document, error) {
	doc := &document{axes: axes, file: file}
	d := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	err := d.Decode(v)
	if strict := (*toml.StrictMissingError)(nil); errors.As(err, &strict) && len(strict.Errors) > 0 {
		e := &strict.Errors[0]
		line, _ := e.Position()
		last := len(e.Key()) - 1
		return nil, &Error{file, line, doc.unknownKey(strings.Join(e.Key()[:last], "."), e.Key()[last])}
	}
	if bad := (*toml.DecodeError)(nil); errors.As(err, &bad) {
		line, _ := bad.Position()
		reason := strings.TrimPrefix(bad.Error(), "toml: ")
		if key := bad.Key(); strings.HasPrefix(reason, "cannot decode") { // the reason names Go types
			reason = doc.wanted(key[len(key)-1])
		}
		return nil, &Error{file, line, reason}
	}
	if err != nil {
		return nil, &Error{File: file, Reason: err.Error()}
	}
	doc.lines = lines(data)
	return doc, nil
}

// keys returns the valid keys of a table: "" is the top level of the file, and the other tables are
// "block" and "block.cell". It returns nil for any other name.
func (d *document) keys(table string) []string {
	inCell := func(a harness.Axis) bool { return a.Part.InCell() }
	switch axes := slices.Clone(d.axes); table {
	case "":
		return []string{"question", "rounds", "min-time", "suites", "block"}
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

// fail records an error about the key or table at path, unless an earlier error is recorded. The
// error has the line of path or, if that is unknown, of the nearest table around it.
func (d *document) fail(path, format string, args ...any) {
	if d.err != nil {
		return
	}
	e := &Error{File: d.file, Reason: fmt.Sprintf(format, args...)}
	for path != "" && e.Line == 0 {
		e.Line = d.lines[path]
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	d.err = e
}

// failWanted records an error about the value at path, which has the wrong type for the key.
func (d *document) failWanted(path, key string) { d.fail(path, "%s", d.wanted(key)) }

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
			d.fail(path, "%s has %v twice; remove one", path[strings.LastIndexByte(path, '.')+1:], v)
		}
	}
}

func (d *document) between(path string, v, low, high int) {
	if v < low || v > high {
		d.fail(path, "%s = %d is not between %d and %d", path[strings.LastIndexByte(path, '.')+1:], v, low, high)
	}
}

// lines returns the line number of each table, key and list element of a valid TOML file, keyed by
// path; see [document].
func lines(data []byte) map[string]int {
	at := map[string]int{}
	count := map[string]int{} // number of tables seen so far in each array of tables, by path
	table := ""
	var p unstable.Parser
	p.Reset(data)
	for p.NextExpression() {
		e := p.Expression()
		path, line := table, 0
		if e.Kind != unstable.KeyValue {
			path = ""
		}
		for key := e.Key(); key.Next(); {
			node := key.Node()
			line = p.Shape(node.Raw).Start.Line
			path = strings.TrimPrefix(path+"."+string(node.Data), ".")
			switch {
			case e.Kind == unstable.ArrayTable && key.IsLast():
				count[path]++
				fallthrough
			case count[path] > 0:
				path = fmt.Sprintf("%s[%d]", path, count[path]-1)
			}
		}
		at[path] = line
		if e.Kind != unstable.KeyValue {
			table = path
			continue
		}
		elements := e.Value().Children()
		for i := 0; elements.Next(); i++ {
			if raw := elements.Node().Raw; raw.Length > 0 { // the parser has positions of plain values only
				at[fmt.Sprintf("%s[%d]", path, i)] = p.Shape(raw).Start.Line
			}
		}
	}
	return at
}
