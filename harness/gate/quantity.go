package gate

import (
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// A quantity describes the values that a gate limits, and how gate files and reports write them.
// The fields what and example are for error messages: a description of valid values, and one such
// value.
type quantity struct {
	name, what, example string
	parse               func(string) (float64, error) // nil for plain numbers
	format              func(v float64) string
}

// quantityOf returns the quantity that a gate of the given kind limits. Only the kinds [Value] and
// [Baseline] use the unit.
func quantityOf(kind Kind, unit string) quantity {
	switch {
	case kind == SpeedUp:
		return quantity{"the speed-up", "a number", "1.6", nil, times}
	case kind == Baseline:
		return quantity{"the ratio to the baseline", "a number", "1.05", nil, times}
	case kind == METG || strings.HasPrefix(unit, "ns/") || strings.Contains(unit, "-ns"):
		return quantity{nameOf(kind, unit), "a time", `"2us"`, parseTime, func(v float64) string { return format.Time(v, 3) }}
	case strings.Contains(unit, "bytes"):
		return quantity{unit, "a size", `"64MiB"`, parseSize, func(v float64) string { return bytes(v) }}
	}
	return quantity{unit, "a number", "1.5", nil, number}
}

// nameOf returns the name of a quantity in messages: METG for the kind [METG], and otherwise the
// unit.
func nameOf(kind Kind, unit string) string {
	if kind == METG {
		return "METG"
	}
	return unit
}

func parseTime(text string) (float64, error) {
	d, err := harness.ParseTime(text)
	return float64(d), err
}

func parseSize(text string) (float64, error) {
	n, err := harness.ParseSize(text)
	return float64(n), err
}

func number(v float64) string { return format.Number(v, 3) }

func times(v float64) string { return number(v) + " ×" }

// bytes returns a number of bytes as text. The number can be a fraction, because some values are
// bytes per task.
func bytes(v float64) string {
	if v >= 1<<20 {
		return format.Mebibytes(v)
	}
	return number(v) + " B"
}

// limit returns the limit as text, such as "at most 2.00 µs".
func (g Gate) limit() string {
	if g.AtLeast {
		return "at least " + quantityOf(g.Kind, g.Unit).format(g.Limit)
	}
	return "at most " + quantityOf(g.Kind, g.Unit).format(g.Limit)
}

// subject returns the quantity that the gate limits as text, such as "speed-up", "METG" or "ns/task
// over results/before".
func (g Gate) subject() string {
	switch g.Kind {
	case SpeedUp:
		return "speed-up"
	case METG:
		return "METG"
	case Baseline:
		return g.Unit + " over " + g.Baseline
	}
	return g.Unit
}

// shown returns the text of an estimate in the unit of the gate, such as "1.70 × (1.62 to 1.78 ×),
// n = 6".
func (g Gate) shown(e analyze.Estimate) string {
	write := quantityOf(g.Kind, g.Unit).format
	f := func(v float64) string {
		if v == 0 {
			return "0"
		}
		return write(v)
	}
	switch {
	case !e.Known():
		return "not measured"
	case !hasInterval(e):
		return f(e.Value) + ", no interval, " + count(e.N)
	}
	lo, hi := f(e.Lo), f(e.Hi)
	if n, unit, _ := strings.Cut(lo, " "); unit != "" && strings.HasSuffix(hi, " "+unit) {
		lo = n
	}
	return f(e.Value) + " (" + lo + " to " + hi + "), " + count(e.N)
}
