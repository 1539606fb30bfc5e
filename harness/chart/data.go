package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Panel is one plot of a chart: two axes and the values between them. The picture is drawn from
// the panel alone, so a program that shows the panel's values always agrees with the picture.
type Panel struct {
	Title  string // "" if the chart has one panel
	Form   Form
	X, Y   Axis
	Z      Axis // unit and title of the values of tiles
	Series []Series
	Marks  []Mark
	Rulers []Ruler
	Band   [2]float64 // shaded range of the x axis; zero for none
	Box    Box        // area between the axes in the SVG
}

// A Form says how the points of a panel are drawn, such as lines or bars.
type Form string

const (
	Lines  Form = "lines"  // points at X and Y, with whiskers along y, joined by lines
	Bars   Form = "bars"   // groups of bars from the bottom up to Y, with whiskers; X is the number of the group
	Dots   Form = "dots"   // points at X in row Y, with whiskers along x
	Stacks Form = "stacks" // parts of length X that add up in row Y; negative parts extend to the left of 0
	Tiles  Form = "tiles"  // tiles in column X and row Y with the value Z
	Spans  Form = "spans"  // bars from Lo to Hi in row Y
)

// A Unit is the unit of the values along an axis, or of the values of a panel's tiles.
type Unit string

const (
	Time           Unit = "ns"
	Ratio          Unit = "ratio"
	Share          Unit = "share" // a fraction of 1, written in %
	Bytes          Unit = "bytes"
	Count          Unit = "count"
	PerSecond      Unit = "tasks/s"
	BytesPerSecond Unit = "bytes/s"
)

// An Axis is an axis of a panel, with its title, unit and limits.
type Axis struct {
	Title string
	Unit  Unit
	Log   bool
	// Names are the names of the columns from left to right, or of the rows from top to bottom, at
	// 0, 1, 2, …. A name may have several lines. An axis with names has no unit.
	Names    []string
	Min, Max float64

	ticks plot.Ticker // nil selects the ticker of the unit
}

// A Series holds the points of one strategy, or the points of one part of the core time of a task.
// A strategy has the same style in all charts of a run.
type Series struct {
	Name    string
	Style   int  // number of the strategy in the run; 0 is the plain loop; parts of a time have negative numbers
	Variant int  // number of the series among the series of its strategy, which differ in settings such as the chunk
	Loose   bool // no line joins the points
	Points  []Point
}

// A Point is one value with its interval, from Lo to Hi, and its number of launches or rounds. The
// value is Y for lines and bars, X for dots and stacks, and Z for tiles. Without an interval, Lo
// and Hi equal the value.
type Point struct {
	X, Y, Z float64
	Lo, Hi  float64
	N       int
	Open    bool // for a tile: its comparison is unresolved, or has too few rounds for a verdict
	Best    bool // for a tile: its strategy is the winner
	Likely  bool // for a tile: its strategy is one of the fastest, but there is no winner: they are equally fast or have too few rounds
}

// A Mark is a special x value with its interval, such as a break-even. It is drawn at height Y.
type Mark struct {
	Name           string
	Style, Variant int
	X, Y, Lo, Hi   float64
	N              int
	Solid          bool // the mark is drawn filled, to distinguish two kinds of marks
}

// A Ruler is a dashed reference line with a text that says what it means.
type Ruler struct {
	Kind  RulerKind
	At    float64 // position of the ruler; a diagonal has none
	Words string
}

// A RulerKind is the direction of a [Ruler]: level, upright or diagonal.
type RulerKind string

const (
	Level    RulerKind = "level"    // y = At
	Upright  RulerKind = "upright"  // x = At
	Diagonal RulerKind = "diagonal" // y = x
)

// A Box is a rectangle in the units of the SVG. Its origin is the upper left corner of the picture.
type Box struct{ X, Y, Width, Height float64 }

// Words returns the value of point q of series s in words: "procs (chunk 1): 1.70 (1.64 to 1.75), n
// = 6, at 10.2 µs".
func (p *Panel) Words(s Series, q Point) string {
	value, axis, at := q.Y, p.Y, p.X.name(q.X)
	switch p.Form {
	case Dots, Stacks:
		value, axis, at = q.X, p.X, p.Y.name(q.Y)
	case Tiles:
		value, axis, at = q.Z, p.Z, p.X.name(q.X)
		if s.Name == "" {
			s.Name = p.Y.name(q.Y)
		}
	}
	words := s.Name + ": " + axis.text(value)
	if q.Lo < q.Hi {
		words += " (" + axis.text(q.Lo) + " to " + axis.text(q.Hi) + ")"
	}
	words += fmt.Sprintf(", n = %d, at %s", q.N, at)
	if q.Open {
		words += ", open"
	}
	if q.Best {
		words += ", the winner"
	}
	return words
}

// name returns the name of the column or row at value v of the axis. If the axis has no names, it
// returns v as text.
func (a Axis) name(v float64) string {
	if i := int(v); len(a.Names) > 0 && i >= 0 && i < len(a.Names) {
		return strings.ReplaceAll(a.Names[i], "\n", " ")
	}
	return a.text(v)
}

// text returns the value v as text with the unit of the axis.
func (a Axis) text(v float64) string {
	sign := ""
	if v < 0 {
		sign, v = "−", -v
	}
	switch a.Unit {
	case Time:
		if v == 0 {
			return "0 ns"
		}
		return sign + format.Time(v, 3)
	case Share:
		return sign + format.Percent(math.Round(1000*v)/1000)
	case Bytes:
		return sign + size(v)
	case PerSecond:
		return sign + strings.TrimSpace(format.Number(v, 3)) + "/s"
	case BytesPerSecond:
		return sign + format.Rate(v)
	}
	return sign + strconv.FormatFloat(v, 'g', 3, 64)
}

// tick returns the label of a tick at v, which is a value with few digits.
func (a Axis) tick(v float64) string {
	switch {
	case v == 0:
		return "0"
	case a.Unit == Time && v > 0:
		return format.RoundTime(v)
	}
	return a.text(v)
}

// size returns a number of bytes as text with three significant digits and a binary unit: "1.25
// MiB".
func size(bytes float64) string {
	units := []string{"B", "KiB", "MiB", "GiB"}
	for len(units) > 1 && bytes >= 1000 {
		bytes, units = bytes/1024, units[1:]
	}
	return strconv.FormatFloat(bytes, 'g', 3, 64) + " " + units[0]
}

// at returns the estimate as a point at x. The value and its interval lie along the y axis.
func at(x float64, e analyze.Estimate) Point { return withInterval(Point{X: x, Y: e.Value}, e) }

// across returns the estimate as a point in the given row. The value and its interval lie along the
// x axis.
func across(e analyze.Estimate, row int) Point {
	return withInterval(Point{X: e.Value, Y: float64(row)}, e)
}

// withInterval returns point q with the interval and the number of launches of estimate e.
func withInterval(q Point, e analyze.Estimate) Point {
	q.N, q.Lo, q.Hi = e.N, e.Value, e.Value
	if e.N > 1 && !math.IsInf(e.Hi, 1) && !math.IsNaN(e.Hi) {
		q.Lo, q.Hi = e.Lo, e.Hi
	}
	return q
}

// add appends an estimate as a point at x, and reports whether it did. It omits unknown estimates.
// It also omits estimates that are not positive and finite, because they have no place on a
// logarithmic axis.
func (s *Series) add(x float64, e analyze.Estimate) bool {
	if !e.Known() || !usable(e.Value) || !usable(x) {
		return false
	}
	s.Points = append(s.Points, at(x, e))
	return true
}

// show adds series s to the panel if it has points.
func (p *Panel) show(s Series) {
	if len(s.Points) > 0 {
		p.Series = append(p.Series, s)
	}
}

// points returns all points of all panels of the chart.
func (c *Chart) points() (all []Point) {
	for _, p := range c.Panels {
		for _, s := range p.Series {
			all = append(all, s.Points...)
		}
	}
	return all
}
