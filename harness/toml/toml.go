// Package toml reads TOML files. Its errors have the line of the key at fault, and a remedy.
package toml

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/payoff-bench/payoff/harness/format"
)

// An Error is the error for an invalid file. It contains the line of the fault and a remedy.
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

// maxSize is the largest size in bytes of a TOML file.
const maxSize = 1 << 20

// ReadFile reads a TOML file. It returns an error if the file is larger than 1 MiB or is not a
// regular file.
func ReadFile(name string) ([]byte, error) {
	st, err := os.Stat(name) // before opening, which would block on a pipe
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", name)
	case st.Size() > maxSize:
		return nil, fmt.Errorf("%s: larger than the %d bytes that a TOML file may have", name, maxSize)
	}
	return os.ReadFile(name)
}

// A Schema describes the keys that a kind of file can have, for error messages.
type Schema struct {
	// Unknown returns the error text for an unknown key of a table. The table at the top of the
	// file is "".
	Unknown func(table, key string) string
	// Wanted returns the error text for a value of the wrong type, with the valid values of the key.
	Wanted func(key string) string
}

// A Document is a TOML file with the line numbers of its keys, for error messages. It keeps only
// the first error. So after an error, the reader of the file need not stop: it continues with zero
// values.
type Document struct {
	File  string
	lines map[string]int // by path, such as "block[1].cell[0].order" or "block[1].grain[2]"
	err   error
}

// Decode decodes data, the text of a TOML file, into v. It returns an [Error] if the file is not
// valid, or if v has no field for a key of the file. The argument file is the file's name.
func Decode(file string, data []byte, v any, s Schema) (*Document, error) {
	if bad := (*format.EncodingError)(nil); errors.As(format.CheckEncoding("the file", data), &bad) {
		return nil, &Error{File: file, Reason: bad.Error()}
	}
	err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(v)
	if strict := (*toml.StrictMissingError)(nil); errors.As(err, &strict) && len(strict.Errors) > 0 {
		e := &strict.Errors[0]
		line, _ := e.Position()
		last := len(e.Key()) - 1
		return nil, &Error{file, line, s.Unknown(strings.Join(e.Key()[:last], "."), e.Key()[last])}
	}
	if bad := (*toml.DecodeError)(nil); errors.As(err, &bad) {
		line, _ := bad.Position()
		reason := strings.TrimPrefix(bad.Error(), "toml: ")
		if key := bad.Key(); strings.HasPrefix(reason, "cannot decode") { // the reason names Go types
			reason = s.Wanted(key[len(key)-1])
		}
		return nil, &Error{file, line, reason}
	}
	if err != nil {
		return nil, &Error{File: file, Reason: err.Error()}
	}
	return &Document{File: file, lines: lines(data)}, nil
}

// Err returns the first error that [Document.Fail] recorded. It returns nil if there is none.
func (d *Document) Err() error { return d.err }

// Line returns the line number of the key, table or list element at path. It returns 0 if the file
// has nothing at path.
func (d *Document) Line(path string) int { return d.lines[path] }

// Fail records an error about the key or table at path. If an error has already been recorded, Fail
// does nothing. The error contains the line of path. If this line is unknown, it contains the line
// of the nearest table around path.
func (d *Document) Fail(path, format string, args ...any) {
	if d.err != nil {
		return
	}
	e := &Error{File: d.File, Reason: fmt.Sprintf(format, args...)}
	for path != "" && e.Line == 0 {
		e.Line = d.lines[path]
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	d.err = e
}

// lines returns the line number of each table, key and list element of a valid TOML file, keyed by
// path. [Document] shows the form of paths.
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
