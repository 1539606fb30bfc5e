package model

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// slack is the factor by which the work of a task may be outside the range. Measured work differs a
// little from the nominal grain.
const slack = 1.05

// A Range holds the smallest and the largest value of each axis of some cells.
type Range struct{ Lo, Hi Point }

func rangeOf(cells []observation) Range {
	r := Range{cells[0].at, cells[0].at}
	for _, c := range cells {
		r = r.with(c.at)
	}
	return r
}

// with returns the smallest range that holds r and p.
func (r Range) with(p Point) Range {
	lo, hi := r.Lo, r.Hi
	return Range{
		Point{min(lo.Work, p.Work), min(lo.Payload, p.Payload), min(lo.Chunk, p.Chunk), min(lo.Tasks, p.Tasks), min(lo.Workers, p.Workers), min(lo.Cores, p.Cores), lo.Waits},
		Point{max(hi.Work, p.Work), max(hi.Payload, p.Payload), max(hi.Chunk, p.Chunk), max(hi.Tasks, p.Tasks), max(hi.Workers, p.Workers), max(hi.Cores, p.Cores), hi.Waits},
	}
}

// Near is the largest factor by which the work of a task may be beyond the range in [Model.Nearby].
const Near = 2

// beyond returns the factor by which the work of p is outside the range, at least 1. It returns 0 if
// p is outside on another axis.
func (r Range) beyond(p Point) float64 {
	factor := max(1, r.Lo.Work/p.Work, p.Work/r.Hi.Work)
	p.Work = r.Lo.Work
	if len(r.Outside(p)) > 0 {
		return 0
	}
	return factor
}

// Outside returns a phrase for each axis on which p is outside the range. The phrase has the value
// and the range.
func (r Range) Outside(p Point) (phrases []string) {
	if p.Work < r.Lo.Work/slack || p.Work > r.Hi.Work*slack {
		phrases = append(phrases, fmt.Sprintf("tasks of %s (judged: %s)", format.Time(p.Work, 2), span(r.Lo.Work, r.Hi.Work, timeText)))
	}
	for _, a := range []struct {
		name          string
		value, lo, hi int
		text          func(float64) string
	}{
		{"payload", p.Payload, r.Lo.Payload, r.Hi.Payload, bytesText},
		{"chunk", p.Chunk, r.Lo.Chunk, r.Hi.Chunk, countText},
		{"tasks in the job", p.Tasks, r.Lo.Tasks, r.Hi.Tasks, countText},
		{"workers", p.Workers, r.Lo.Workers, r.Hi.Workers, countText},
		{"cores", p.Cores, r.Lo.Cores, r.Hi.Cores, countText},
	} {
		if a.value < a.lo || a.value > a.hi {
			phrases = append(phrases, fmt.Sprintf("%s %s (judged: %s)", a.name, a.text(float64(a.value)), span(float64(a.lo), float64(a.hi), a.text)))
		}
	}
	return phrases
}

// String returns the range as text, axis by axis.
func (r Range) String() string {
	axes := []string{"tasks of " + span(r.Lo.Work, r.Hi.Work, timeText)}
	for _, a := range []struct {
		name   string
		lo, hi int
		text   func(float64) string
	}{
		{"payload", r.Lo.Payload, r.Hi.Payload, bytesText},
		{"chunk", r.Lo.Chunk, r.Hi.Chunk, countText},
		{"workers", r.Lo.Workers, r.Hi.Workers, countText},
		{"cores", r.Lo.Cores, r.Hi.Cores, countText},
		{"tasks in the job", r.Lo.Tasks, r.Hi.Tasks, countText},
	} {
		if a.name == "chunk" && a.hi > 0 {
			a.lo = max(a.lo, 1) // 0 stands for a chunk policy
		}
		if a.hi > 0 || a.name == "payload" {
			axes = append(axes, a.name+" "+span(float64(a.lo), float64(a.hi), a.text))
		}
	}
	return strings.Join(axes, ", ")
}

func span(lo, hi float64, text func(float64) string) string {
	if lo == hi {
		return text(lo)
	}
	return text(lo) + " to " + text(hi)
}

func timeText(ns float64) string { return format.Time(ns, 2) }
func bytesText(n float64) string { return format.Bytes(int(n)) }
func countText(n float64) string { return fmt.Sprint(int(math.Round(n))) }

// Range returns the smallest range that contains the cells of all series.
func (m Model) Range() (r Range) {
	for i, s := range m.Series {
		if i == 0 {
			r = s.Range
		}
		r = r.with(s.Range.Lo).with(s.Range.Hi)
	}
	return r
}

// MostCores returns the largest number of cores of the model's cells.
func (m Model) MostCores() int { return m.Range().Hi.Cores }

// Tasks returns the number of tasks that a run would choose for a job of tasks with the given work.
func Tasks(work float64, workers int) int {
	n, _ := harness.JobSize(time.Duration(work), workers)
	return n
}
