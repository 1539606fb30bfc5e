package harness

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/workloads"
)

// An Axis is a row of the table of axes and all that the harness knows about one axis. To add
// an axis, add a field to [Task] or [Cell] and a row to the table that [AllAxes] returns; the
// guide to suites, harness/suite/suites/README.md, must name the key too.
type Axis struct {
	Key  string // in names of cells, in filters and in suites
	Part Part

	// The field of a Cell: one of the two is set. Parse returns the form in which a Cell has a
	// word, and takes numbers too in suites; nil for words that a Cell has as they are.
	Int   func(*Cell) *int
	Word  func(*Cell) *string
	Parse func(text string) (string, error)

	// Plain is how suites and filters write the zero value of an axis on which most cells have
	// that value; names leave it out. It is "" for an axis that every name has.
	Plain   string
	Default string // the value of cells in suites that name none; "" for the zero value

	Unit           string // of a number, as "ns"
	Least, Most    int    // of a number in a suite
	Wants, Example string // what a value in a suite looks like; "" for an axis with rules of its own

	// Has reports whether tasks of a workload have the axis; nil if those of all do. Needed
	// says that a suite must name a value then.
	Has    func(workloads.Workload) bool
	Needed bool
	// Check returns why the cell cannot be run with its value on this axis; nil for an axis
	// with no rules but the above. A choice is checked three times: by itself with the zero
	// Workload and Strategy, then the task with its workload, then both with the strategy.
	// A value that Give puts into the setting of a strategy is checked by that strategy.
	Check func(Cell, workloads.Workload, catalog.Strategy) error
	// Give hands the value to a launch; nil if the launch reads it from the Cell.
	Give func(Cell, *Setup)
}

// A Part says what an axis is about.
type Part uint8

const (
	OfTask   Part = iota // the work of a task
	OfJob                // how many tasks
	OfChoice             // which strategy, and how it hands over tasks
	OfCrew               // by how many workers
	OfPlace              // on how many cores
)

// InCell reports whether an axis of this part is a key of [[block.cell]] in a suite, rather
// than of [[block]].
func (p Part) InCell() bool { return p == OfChoice || p == OfCrew }

// A Setup is what a launch prepares for a cell: the workload at its parameters and the
// strategy with its setting.
type Setup struct {
	Params  workloads.Params
	Setting catalog.Setting
}

// Axes is a table of axes, in the order of a name.
type Axes []Axis

// AllAxes returns the table of axes that cells have.
func AllAxes() Axes { return slices.Clone(axes) }

// Find returns the axis of that key.
func (as Axes) Find(key string) (a Axis, ok bool) {
	k := slices.IndexFunc(as, func(a Axis) bool { return a.Key == key })
	if k < 0 {
		return a, false
	}
	return as[k], true
}

// Keys returns the keys of the axes.
func (as Axes) Keys() (keys []string) {
	for _, a := range as {
		keys = append(keys, a.Key)
	}
	return keys
}

// Text returns the cell's value, as names, suites and filters write it.
func (a Axis) Text(c Cell) string {
	if a.Int != nil {
		return strconv.Itoa(*a.Int(&c))
	}
	return cmp.Or(*a.Word(&c), a.Plain)
}

// Set gives the cell the value that text writes.
func (a Axis) Set(c *Cell, text string) (err error) {
	switch {
	case a.Int != nil:
		if *a.Int(c), err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("key %s: %q is not a number", a.Key, text)
		}
	case a.Parse != nil:
		*a.Word(c), err = a.Parse(text)
	case text == a.Plain:
		*a.Word(c) = ""
	default:
		*a.Word(c) = text
	}
	return err
}

// left reports whether the cell's name leaves the axis out.
func (a Axis) left(c Cell) bool { return a.Plain != "" && a.Text(c) == a.Plain }

// Name returns the name of a cell with these axes; see [Cell.Name].
func (as Axes) Name(c Cell) string { return "Job" + as.name(c, OfPlace, false) }

// TwinName returns the name of the cell's twin; see [Cell.TwinName].
func (as Axes) TwinName(c Cell) string { return "Twin" + as.name(c, OfPlace, true) }

// name joins the axes up to a part.
func (as Axes) name(c Cell, last Part, twin bool) string {
	var b strings.Builder
	for _, a := range as {
		if a.Part > last || a.left(c) {
			continue
		}
		key := a.Key
		if twin && a.Part == OfChoice {
			key = strings.TrimSuffix("of-"+key, "-strategy")
		}
		fmt.Fprintf(&b, "/%s=%s", key, a.Text(c))
	}
	return b.String()
}

// ParseName reads a name as Name or TwinName returns it; see the function [ParseName].
func (as Axes) ParseName(name string) (c Cell, twin bool, err error) {
	head, rest, _ := strings.Cut(name, "/")
	if twin = head == "Twin"; !twin && head != "Job" {
		return c, false, fmt.Errorf("benchmark name %q: begins with neither Job/ nor Twin/", name)
	}
	if stem := strings.TrimRight(rest, "0123456789"); stem != rest && strings.HasSuffix(stem, "-") {
		rest = strings.TrimSuffix(stem, "-")
	}
	for part := range strings.SplitSeq(rest, "/") {
		key, value, ok := strings.Cut(part, "=")
		if !ok {
			return c, twin, fmt.Errorf("benchmark name %q: part %q is not key=value", name, part)
		}
		if key == "of" {
			key = "strategy"
		}
		key = strings.TrimPrefix(key, "of-")
		a, known := as.Find(key)
		if !known {
			return c, twin, fmt.Errorf("benchmark name %q: unknown key %q", name, key)
		}
		if err := a.Set(&c, value); err != nil {
			return c, twin, fmt.Errorf("benchmark name %q: %w", name, err)
		}
	}
	return c, twin, nil
}

// Setup returns what a launch prepares for a cell with these axes.
func (as Axes) Setup(c Cell) (s Setup) {
	for _, a := range as {
		if a.Give != nil {
			a.Give(c, &s)
		}
	}
	return s
}
