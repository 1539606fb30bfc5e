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

// An Axis describes one property of a [Cell], such as its chunk: how cell names and suites write
// the property's values, and which values are valid. It is a row of the table of axes. To add an
// axis, add a field to [Task] or [Cell], a row to the table that [AllAxes] returns, and its key to
// the guide to suites, harness/suite/suites/README.md.
type Axis struct {
	Key  string // name of the axis in cell names, filters and suites
	Part Part

	// Int or Word returns the field of a Cell; exactly one of them is set. If Parse is set, suites
	// may give numbers as well as words, and Parse converts their text to the form that a Cell
	// stores. If Parse is nil, a Cell stores words unchanged.
	Int   func(*Cell) *int
	Word  func(*Cell) *string
	Parse func(text string) (string, error)

	// Plain is the word for the zero value in suites and filters. Cell names leave the zero
	// value out. If Plain is empty, every cell name contains the axis.
	Plain   string
	Default string // value of cells in suites that do not set the key; "" for the zero value

	Unit           string // unit of a number, such as "ns"
	Least, Most    int    // smallest and largest number that a suite may give
	Wants, Example string // for error messages: a description and an example of a value in a suite

	// Has reports whether a workload has the axis; nil means that all workloads do. If Needed
	// is set, a suite must give a value for every workload that has the axis.
	Has    func(workloads.Workload) bool
	Needed bool
	// Check returns an error if the cell's value on this axis is invalid; it is nil if Least and
	// Most are the only rules. Package suite calls Check for each choice with the zero Workload and
	// Strategy, for each task with its workload, and for each cell with both. The strategy's With
	// also checks the values that Give stores in Setup.Setting.
	Check func(Cell, workloads.Workload, catalog.Strategy) error
	// Give copies the value into the setup of a launch; nil if the launch reads the Cell itself.
	Give func(Cell, *Setup)
}

// A Part names the part of a cell that an axis describes, such as the task or the strategy.
type Part uint8

const (
	OfTask   Part = iota // the work of a task
	OfJob                // the number of tasks
	OfChoice             // the strategy and how it hands over tasks
	OfCrew               // the number of workers
	OfPlace              // the number of cores
)

func (p Part) String() string { return [...]string{"task", "job", "choice", "crew", "place"}[p] }

// InCell reports whether a suite file sets the axes that describe this part in the table
// [[block.cell]]. It sets the axes of all other parts in the table [[block]].
func (p Part) InCell() bool { return p == OfChoice || p == OfCrew }

// A Setup configures the launch of a cell: it holds the parameters of the cell's workload and the
// setting of its strategy.
type Setup struct {
	Params  workloads.Params
	Setting catalog.Setting
}

// Axes is a table of axes. Cell names list the values of axes in the order of the table.
type Axes []Axis

// AllAxes returns a table of all axes that cells have.
func AllAxes() Axes { return slices.Clone(axes) }

// Find returns the axis with the given key.
func (as Axes) Find(key string) (a Axis, ok bool) {
	k := slices.IndexFunc(as, func(a Axis) bool { return a.Key == key })
	if k < 0 {
		return a, false
	}
	return as[k], true
}

// Keys returns the keys of all axes in the table, in order.
func (as Axes) Keys() (keys []string) {
	for _, a := range as {
		keys = append(keys, a.Key)
	}
	return keys
}

// Text returns the cell's value on the axis, written as in cell names, suites and filters.
func (a Axis) Text(c Cell) string {
	if a.Int != nil {
		return strconv.Itoa(*a.Int(&c))
	}
	return cmp.Or(*a.Word(&c), a.Plain)
}

// Set parses text, a value in the form that [Axis.Text] returns, and stores it in the cell as the
// value on this axis.
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

// left reports whether the cell has the default value of this axis. Cell names leave out such axes.
func (a Axis) left(c Cell) bool { return a.Plain != "" && a.Text(c) == a.Plain }

// Name returns the benchmark name of a cell whose axes are listed in this table; see [Cell.Name].
func (as Axes) Name(c Cell) string { return "Job" + as.name(c, OfPlace, false) }

// TwinName returns the benchmark name for the second launch of a cell in a round, called the cell's
// twin; see [Cell.TwinName].
func (as Axes) TwinName(c Cell) string { return "Twin" + as.name(c, OfPlace, true) }

// name returns the cell's values as "/key=value" for each axis of the table. It leaves out two
// kinds of axes:
//
//   - axes on which the cell has the default value, such as the transport pipe
//   - axes that describe a part of the cell after the part last
//
// If twin is set, the keys are those that [Cell.TwinName] describes.
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

// ParseName parses a benchmark name that [Axes.Name] or [Axes.TwinName] returned. It returns the
// cell, and reports whether the name is that of a twin; see the function [ParseName].
func (as Axes) ParseName(name string) (c Cell, twin bool, err error) {
	head, rest, _ := strings.Cut(name, "/")
	if twin = head == "Twin"; !twin && head != "Job" {
		return c, false, fmt.Errorf("benchmark name %q: begins with neither Job/ nor Twin/", name)
	}
	if stem := strings.TrimRight(rest, "0123456789"); stem != rest && strings.HasSuffix(stem, "-") {
		rest = strings.TrimSuffix(stem, "-")
	}
	seen := map[string]bool{}
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
		if seen[key] {
			return c, twin, fmt.Errorf("benchmark name %q: key %q occurs twice", name, key)
		}
		seen[key] = true
		if err := a.Set(&c, value); err != nil {
			return c, twin, fmt.Errorf("benchmark name %q: %w", name, err)
		}
	}
	return c, twin, nil
}

// Setup returns the parameters of the workload and the setting of the strategy for a launch of the
// cell c. It ignores axes that are not in the table.
func (as Axes) Setup(c Cell) (s Setup) {
	for _, a := range as {
		if a.Give != nil {
			a.Give(c, &s)
		}
	}
	return s
}
