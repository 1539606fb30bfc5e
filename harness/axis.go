package harness

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies/catalog"
)

// An axis is a key of a cell: in its name, in filters, and in suites. To add one takes a
// field of Cell and a row in the table below; of a strategy's setting, a line in
// [Cell.Setting] too.
type axis struct {
	key   string
	part  part
	field func(*Cell) any // a *string, an *int or a *Chunk
	// plain is how suites and filters write the zero value of an axis that most cells do
	// not have; names leave it out. It is "" for an axis that every name has.
	plain   string
	most    int    // of a number in a suite's cell, which begins at 1
	example string // of a value in a suite's cell
}

// A part of a cell says what an axis is about.
type part uint8

const (
	ofTask   part = iota // what the work is
	ofChoice             // who does it and how
	ofPlace              // by how many
)

// axes are in the order of a name.
var axes = [...]axis{
	{key: "workload", part: ofTask, field: func(c *Cell) any { return &c.Workload }},
	{key: "grain", part: ofTask, field: func(c *Cell) any { return &c.Grain }},
	{key: "payload", part: ofTask, field: func(c *Cell) any { return &c.Payload }},
	{key: "spread", part: ofTask, field: func(c *Cell) any { return &c.Spread }, plain: NoSpread},
	{key: "tasks", part: ofTask, field: func(c *Cell) any { return &c.Tasks }, plain: "0"},
	{key: "memory", part: ofTask, field: func(c *Cell) any { return &c.Memory }, plain: "0"},
	{key: "shape", part: ofTask, field: func(c *Cell) any { return &c.Shape }, plain: NoShape},
	{key: "strategy", part: ofChoice, field: func(c *Cell) any { return &c.Strategy }, example: `"pool"`},
	{key: "transport", part: ofChoice, field: func(c *Cell) any { return &c.Transport }, plain: PlainTransport, example: `"shm"`},
	{key: "start", part: ofChoice, field: func(c *Cell) any { return &c.Start }, plain: PlainStart, example: `"standby"`},
	{key: "codec", part: ofChoice, field: func(c *Cell) any { return &c.Codec }, plain: PlainCodec, example: `"json"`},
	{key: "prefetch", part: ofChoice, field: func(c *Cell) any { return &c.Prefetch }, plain: "0", most: MaxPrefetch, example: "8"},
	{key: "ahead", part: ofChoice, field: func(c *Cell) any { return &c.Ahead }, plain: "0", most: MaxAhead, example: "200_000"},
	{key: "recycle", part: ofChoice, field: func(c *Cell) any { return &c.Recycle }, plain: "0", most: MaxRecycle, example: "1000"},
	{key: "chunk", part: ofChoice, field: func(c *Cell) any { return &c.Chunk }, most: MaxChunk, example: `[1, 64, "auto"]`},
	{key: "order", part: ofChoice, field: func(c *Cell) any { return &c.Order }, example: `"input"`},
	{key: "window", part: ofChoice, field: func(c *Cell) any { return &c.Window }, most: MaxWindow, example: "8"},
	{key: "rate", part: ofChoice, field: func(c *Cell) any { return &c.Rate }, plain: "0", most: MaxRate, example: "[100, 200]"},
	{key: "workers", part: ofPlace, field: func(c *Cell) any { return &c.Workers }, most: MaxWorkers, example: "8"},
	{key: "cores", part: ofPlace, field: func(c *Cell) any { return &c.Cores }},
}

// inSuite reports whether a suite's cell has the axis as a key.
func (a axis) inSuite() bool { return a.example != "" }

// axisOf returns the axis of that key.
func axisOf(key string) (axis, bool) {
	for _, a := range axes {
		if a.key == key {
			return a, true
		}
	}
	return axis{}, false
}

// text returns the cell's value, as names, suites and filters write it.
func (a axis) text(c Cell) string {
	switch v := a.field(&c).(type) {
	case *int:
		return strconv.Itoa(*v)
	case *Chunk:
		return string(*v)
	case *string:
		return cmp.Or(*v, a.plain)
	}
	return ""
}

// left reports whether the cell's name leaves the axis out.
func (a axis) left(c Cell) bool { return a.plain != "" && a.text(c) == a.plain }

// set gives the cell the value that text writes.
func (a axis) set(c *Cell, text string) error {
	switch v := a.field(c).(type) {
	case *int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("key %s: %q is not a number", a.key, text)
		}
		*v = n
	case *Chunk:
		chunk, err := parseChunk(text)
		if err != nil {
			return err
		}
		*v = chunk
	case *string:
		if *v = text; text == a.plain {
			*v = ""
		}
	}
	return nil
}

// only returns a cell that has the value of c on the axis and nothing else.
func (a axis) only(c Cell) (one Cell) {
	if err := a.set(&one, a.text(c)); err != nil {
		return Cell{} // a chunk that is none
	}
	return one
}

// Setting returns what of the cell is a setting of its strategy.
func (c Cell) Setting() catalog.Setting {
	return catalog.Setting{Transport: c.Transport, Start: c.Start, Prefetch: c.Prefetch, Ahead: time.Duration(c.Ahead), Recycle: c.Recycle}
}

// Settings returns in words what of the choice most cells leave plain: "shm", "prefetch 8".
func (c Cell) Settings() (words []string) {
	for _, a := range axes {
		if a.part != ofChoice || a.left(c) || a.plain == "" {
			continue
		}
		word := a.text(c)
		if a.key == "start" {
			word = "start " + word // chunk is one
		}
		if _, number := a.field(&c).(*int); number {
			word = a.key + " " + word
		}
		words = append(words, word)
	}
	return words
}

// FilterKeys returns the keys of a filter, in the order of a cell's name.
func FilterKeys() (keys []string) {
	for _, a := range axes {
		keys = append(keys, a.key)
	}
	return keys
}

// Value returns what the cell has for a filter key, as text; "" for no such key.
func (c Cell) Value(key string) string {
	a, ok := axisOf(key)
	if !ok {
		return ""
	}
	return a.text(c)
}

// name joins the axes up to a part, each with the key that named gives it.
func (c Cell) name(named func(axis) string, last part) string {
	var b strings.Builder
	for _, a := range axes {
		if a.part <= last && !a.left(c) {
			fmt.Fprintf(&b, "/%s=%s", named(a), a.text(c))
		}
	}
	return b.String()
}

// choices returns what a table [[block.cell]] stands for: a choice for each combination of
// its values. What it does not name is the default.
func (d *document) choices(path string, table int, keys map[string]any) ([]Choice, error) {
	all := []Choice{{Cell: Cell{Chunk: FixedChunk(1), Order: MapOrder}, table: table}}
	for _, a := range axes {
		value, named := keys[a.key]
		if !named || !a.inSuite() {
			continue
		}
		values, ok := value.([]any)
		if !ok {
			values = []any{value}
		}
		if len(values) == 0 {
			return nil, d.errorf(path+"."+a.key, "%s is an empty list; name a value, or remove it", a.key)
		}
		var texts []string
		for _, v := range values {
			var one Cell
			if err := d.setValue(path+"."+a.key, a, &one, v); err != nil {
				return nil, err
			}
			texts = append(texts, a.text(one))
		}
		if err := once(d, path+"."+a.key, texts); err != nil {
			return nil, err
		}
		var product []Choice
		for _, c := range all {
			for _, text := range texts {
				if err := a.set(&c.Cell, text); err != nil {
					return nil, d.errorf(path+"."+a.key, "%v", err)
				}
				product = append(product, c)
			}
		}
		all = product
	}
	for key := range keys {
		if a, ok := axisOf(key); !ok || !a.inSuite() {
			return nil, d.errorf(path+"."+key, "%s", unknownKey("block.cell", key))
		}
	}
	return all, nil
}

// setValue gives c a value as a suite has it.
func (d *document) setValue(path string, a axis, c *Cell, value any) error {
	switch field := a.field(c).(type) {
	case *Chunk:
		chunk, err := d.chunk(path, value)
		*field = chunk
		return err
	case *int:
		n, ok := value.(int64)
		if !ok {
			return d.errorf(path, "%s", wanted(a.key))
		}
		*field = int(n)
		return d.between(path, int(n), 1, a.most)
	case *string:
		word, ok := value.(string)
		if !ok || word == "" {
			return d.errorf(path, "%s", wanted(a.key))
		}
		return a.set(c, word)
	}
	return nil
}
