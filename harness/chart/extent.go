package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// An extent holds the range of some values, for the limits of an axis, and the range of their
// numbers of launches, for a caption.
type extent struct {
	lo, hi      float64
	least, most int
}

func newExtent() extent { return extent{math.Inf(1), 0, math.MaxInt, 0} }

// add extends the range of values so that it includes the given values.
func (x *extent) add(values ...float64) {
	for _, v := range values {
		x.lo, x.hi = min(x.lo, v), max(x.hi, v)
	}
}

// count extends the range of launch counts so that it includes the count n.
func (x *extent) count(n int) { x.least, x.most = min(x.least, n), max(x.most, n) }

// padded returns the limits of a logarithmic axis: the range of the values, extended at both ends
// by the given factor. If there are no values, it extends the range from 1 to 10.
func (x extent) padded(factor float64) (lo, hi float64) {
	if !usable(x.lo) {
		x.lo, x.hi = 1, 10
	}
	return x.lo / factor, x.hi * factor
}

// center returns the name of the statistic by which package analyze averages the ratios of rounds:
// the geometric mean if there are few rounds, and the Hodges–Lehmann estimate if there are more.
func (x extent) center() string {
	switch {
	case x.most < analyze.SignedRankFrom:
		return "geometric mean"
	case x.least >= analyze.SignedRankFrom:
		return "Hodges–Lehmann estimate"
	}
	return fmt.Sprintf("geometric mean (from n = %d on, Hodges–Lehmann estimate)", analyze.SignedRankFrom)
}

// rounds returns the range of launch counts as text: "n = 5 to 6".
func (x extent) rounds() string {
	switch {
	case x.most == 0:
		return "none usable"
	case x.least == x.most:
		return fmt.Sprintf("n = %d", x.most)
	}
	return fmt.Sprintf("n = %d to %d", x.least, x.most)
}

// counts returns the smallest and the largest number of launches (or rounds) of the points of the
// chart.
func (c *Chart) counts() extent {
	x := newExtent()
	for _, q := range c.points() {
		x.count(q.N)
	}
	return x
}

// ratios returns the part of the caption for points that are ratios of paired launches. It begins
// with the text subject, such as "Points".
func (c *Chart) ratios(a *analyze.Analysis, subject string) string { return c.paired(a, subject, "") }

// judged is like ratios, but adds that the confidence of the intervals is for all comparisons
// together, and not for each alone.
func (c *Chart) judged(a *analyze.Analysis, subject string) string {
	return c.paired(a, subject, ", jointly for all comparisons of the same tasks")
}

func (c *Chart) paired(a *analyze.Analysis, subject, level string) string {
	n := c.counts()
	whiskers := c.whiskers(a, analyze.PairedFrom)
	if strings.HasPrefix(whiskers, "whiskers") {
		whiskers += level
	}
	return fmt.Sprintf("%s: %s of paired launches, %s; %s.%s", subject, n.center(), n.rounds(), whiskers, c.hollows())
}

// medians returns the part of the caption for points that are medians of launches. It begins with
// the text subject, such as "Points".
func (c *Chart) medians(a *analyze.Analysis, subject string) string {
	return fmt.Sprintf("%s: medians of launches, %s; %s.%s", subject, c.counts().rounds(), c.whiskers(a, analyze.MedianFrom), c.hollows())
}

// whiskers returns the words of the caption that explain the whiskers. If no point has a whisker,
// the words give least, the number of launches that an interval needs.
func (c *Chart) whiskers(a *analyze.Analysis, least int) string {
	if !slices.ContainsFunc(c.points(), func(q Point) bool { return q.Lo < q.Hi }) {
		return fmt.Sprintf("no whiskers, since an interval needs %d launches", least)
	}
	return "whiskers: " + format.Percent(a.Settings.Confidence) + " intervals"
}

// hollows returns the sentence of the caption that explains hollow points, which have few launches.
// It returns "" if the chart has no such point.
func (c *Chart) hollows() string {
	if !slices.ContainsFunc(c.points(), Point.hollow) {
		return ""
	}
	return fmt.Sprintf(" Hollow or pale points: n below %d.", harness.FewestRounds)
}

// tall sets the height of a chart. If the legend is long, it adds the height of the legend, so that
// the panels keep their size.
func (c *Chart) tall(height float64) {
	c.Height = height + legendRow*float64(max(0, len(c.legend())/2-2))
}

// usable reports whether v has a place on a logarithmic axis: it is positive and finite.
func usable(v float64) bool { return v > 0 && !math.IsInf(v, 1) }
