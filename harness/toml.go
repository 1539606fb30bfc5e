package harness

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// A document is a TOML file that can say on which line a key stands.
type document struct {
	file  string
	lines map[string]int // by path, as "block[1].cell[0].order"
}

// decode reads data into v, strictly: a key that v has no field for is an error.
func decode(file string, data []byte, v any) (*document, error) {
	d := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	err := d.Decode(v)
	if strict := (*toml.StrictMissingError)(nil); errors.As(err, &strict) && len(strict.Errors) > 0 {
		e := &strict.Errors[0]
		line, _ := e.Position()
		last := len(e.Key()) - 1
		return nil, &SuiteError{file, line, unknownKey(strings.Join(e.Key()[:last], "."), e.Key()[last])}
	}
	if bad := (*toml.DecodeError)(nil); errors.As(err, &bad) {
		line, _ := bad.Position()
		reason := strings.TrimPrefix(bad.Error(), "toml: ")
		if strings.HasPrefix(reason, "cannot decode") { // the rest is about types of Go
			reason = wanted(keyAbove(data, line))
		}
		return nil, &SuiteError{file, line, reason}
	}
	if err != nil {
		return nil, &SuiteError{File: file, Reason: err.Error()}
	}
	return &document{file: file, lines: lines(data)}, nil
}

// unknownKey says of a key that its table has not which was meant, or where it belongs.
func unknownKey(table, key string) string {
	tables := []struct {
		path, name string
		keys       []string
	}{
		{"", "the suite, above its blocks", tags(suiteTable{})},
		{"block", "[[block]]", tags(blockTable{})},
		{"block.cell", "[[block.cell]]", nil},
	}
	for _, a := range axes {
		if a.inSuite() {
			tables[2].keys = append(tables[2].keys, a.key)
		}
	}
	full, have := strings.TrimPrefix(table+"."+key, "."), []string(nil)
	for _, t := range tables {
		switch {
		case t.path == table:
			have = t.keys
		case slices.Contains(t.keys, key):
			return fmt.Sprintf("unknown key %q: %s is a key of %s; move it there", full, key, t.name)
		}
	}
	if have == nil {
		return fmt.Sprintf("unknown key %q; remove it", full)
	}
	return fmt.Sprintf("unknown key %q: %shave %s", full, meant(key, have), strings.Join(have, ", "))
}

// tags returns the keys of a table of TOML that decodes to a struct.
func tags(table any) (keys []string) {
	t := reflect.TypeOf(table)
	for i := range t.NumField() {
		keys = append(keys, t.Field(i).Tag.Get("toml"))
	}
	return keys
}

// keyAbove returns the name of the last key or table that begins at a line or above it.
func keyAbove(data []byte, line int) string {
	path, best := "", 0
	for p, at := range lines(data) {
		if at <= line && (at > best || at == best && len(p) > len(path)) {
			path, best = p, at
		}
	}
	name, _, _ := strings.Cut(path[strings.LastIndexByte(path, '.')+1:], "[")
	return name
}

// wanted says what the value of a key looks like.
func wanted(key string) string {
	switch key {
	case "question":
		return `question wants text in quotes, as question = "what pays off?"`
	case "rounds":
		return "rounds wants a whole number, as rounds = 6"
	case "min-time":
		return `min-time wants a duration in quotes, as min-time = "100ms"`
	case "workload":
		return `workload wants a name in quotes, as workload = "spin"`
	case "suites":
		return `suites wants names of built-in suites in brackets, as suites = ["grain", "chunk"]`
	case "grain", "payload", "tasks", "memory":
		return key + " wants whole numbers in brackets, as " + key + " = [1000]"
	case "spread":
		return `spread wants names in brackets, as spread = ["none", "lognormal"]`
	case "shape":
		return `shape wants words in brackets, as shape = ["none", "kill1000"]`
	case "cores":
		return `cores wants numbers and words in brackets, as cores = [1, "max"]`
	case "block":
		return "block wants to be a table of its own: a line [[block]] and its keys below"
	case "cell":
		return "cell wants to be a table of its own: a line [[block.cell]] and its keys below"
	}
	if a, ok := axisOf(key); ok && a.inSuite() {
		what := "a word in quotes"
		switch a.field(new(Cell)).(type) {
		case *Chunk:
			what = "a whole number, the name of a policy"
		case *int:
			what = "a whole number"
		}
		return fmt.Sprintf("%s wants %s, or several in brackets, as %s = %s", key, what, key, a.example)
	}
	return key + " has a value of the wrong type"
}

// errorf returns an error at the line of path, or of the nearest thing around it.
func (d *document) errorf(path, format string, args ...any) error {
	e := &SuiteError{File: d.file, Reason: fmt.Sprintf(format, args...)}
	for path != "" && e.Line == 0 {
		e.Line = d.lines[path]
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return e
}

// lines returns the line of each table and key of a valid document, by path.
func lines(data []byte) map[string]int {
	at := map[string]int{}
	count := map[string]int{} // of the array tables seen, by path
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
		if e.Kind != unstable.KeyValue {
			table = path
		}
		at[path] = line
	}
	return at
}
