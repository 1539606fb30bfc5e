package chart

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// barKinds are the kinds of bars of a timeline, in the order in which they are drawn, with their names
// and styles.
var barKinds = []struct {
	kind  harness.BarKind
	name  string
	style int
}{
	{harness.BarRunning, "goroutine runs", barRunning},
	{harness.BarSyscall, "goroutine in a system call", partSystem},
	{harness.BarReady, "goroutine is ready, waits for a core", barReady},
	{harness.BarExecute, "execute: the kernel runs", barExecute},
	{harness.BarEncode, "encode: an input becomes bytes", barEncode},
	{harness.BarDecodeBack, "decode-back: bytes become an output", barDecode},
	{harness.BarTake, "take: the stream pulls an input", barTake},
	{harness.BarDeliver, "deliver: the caller gets an outcome", barDeliver},
	{harness.BarCollect, "garbage collection, mark phase", barCollect},
	{harness.BarStopped, "garbage collection, program stopped", barStopped},
}

// Timeline draws what each worker, each goroutine that hands tasks over, and the garbage collector did
// in a part of a job.
func Timeline(t harness.Timeline) Chart {
	c := Chart{Kind: "timeline", Name: "timeline-" + file(analyze.Short(t.Cell)), across: 1, Width: 900}
	c.Question = "What do workers do while each takes about ten tasks? " + analyze.Brief(t.Cell)
	c.ofTasks(t.Cell)
	p := &Panel{Form: Spans, X: Axis{Title: "time", Unit: Time, Min: 0, Max: t.To - t.From}}
	for _, k := range barKinds {
		s := Series{Name: k.name, Style: k.style}
		for row, line := range t.Lines {
			for _, b := range line.Bars {
				if b.Kind == k.kind {
					s.Points = append(s.Points, Point{X: b.From - t.From, Y: float64(row), Lo: b.From - t.From, Hi: b.To - t.From, N: 1})
				}
			}
		}
		p.show(s)
	}
	for _, line := range t.Lines {
		p.Y.Names = append(p.Y.Names, line.Name)
	}
	c.Panels = []*Panel{p}
	c.Height = 150 + 28*float64(len(t.Lines)) + legendRow*float64(len(p.Series)/3)
	c.Caption = timelineCaption(t)
	c.finish()
	return c
}

// timelineCaption returns the caption of the timeline t.
func timelineCaption(t harness.Timeline) string {
	s := fmt.Sprintf("From an execution trace of one job of %s; the chart begins %s after its submission. ", format.Time(t.Makespan, 3), format.Time(max(1, t.From), 3))
	switch {
	case t.From == 0 && t.To == t.Makespan:
		s = fmt.Sprintf("From an execution trace of one job of %s, all of it. ", format.Time(t.Makespan, 3))
	case t.Even > 0.995:
		s += "Of all parts in which each worker takes ten tasks, it shows one of median length. "
	case t.Even > 0:
		s += fmt.Sprintf("In %s of the job's parts, each worker takes ten tasks while no worker takes more than 40; the chart shows one of them, of median length. ", format.Percent(max(0.01, math.Round(100*t.Even)/100)))
	default:
		s += "In no part of the job does each worker take ten tasks while another takes 40; the chart shows one of median length. "
	}
	s += "Where a line is empty, its goroutine waits. In a bar that is much longer than others of its kind, another program may have had the core. "
	if t.Marked > 0 {
		s += fmt.Sprintf("Marking the tasks in the trace takes time: the job took %s times as long as jobs without marks. ", format.Number(t.Marked, 3))
	}
	s += "The clock of the trace has steps of 64 ns. "
	if t.Collections > 0 {
		s += fmt.Sprintf("The launch collected garbage %s, for %s of the job.", format.Count(t.Collections, "time"), format.Percent(math.Round(1000*t.Collected/t.Makespan)/1000))
	} else {
		s += "The launch collected no garbage in this job."
	}
	if t.Left > 0 {
		s += fmt.Sprintf(" %s are not shown.", format.Count(t.Left, "more worker"))
	}
	return s
}

// spans returns a mark that draws the bars of each row from Lo to Hi. Stages are high, and states of a
// goroutine are a low bar below them, which is also visible during a stage.
func (p *Panel) spans() mark {
	return func(c draw.Canvas, of *plot.Plot, tx, ty func(float64) vg.Length) {
		for row := range p.Y.Names {
			y := ty(float64(row) + 0.5)
			c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, c.Min.X, y, c.Max.X, y)
		}
		for _, s := range p.Series {
			top, low := spanHeight(s.Style)
			for _, q := range s.Points {
				left, right := tx(clamped(q.Lo, of.X)), tx(clamped(q.Hi, of.X))
				right = max(right, left+0.7) // so that short bars are visible
				c.FillPolygon(styled(s.Style, 0).color, box(left, ty(q.Y+low), right, ty(q.Y-top)))
			}
		}
	}
}

// spanHeight returns how far bars of a style extend above and below the middle of their row, whose
// height is 1.
func spanHeight(style int) (top, low float64) {
	switch style {
	case barRunning, partSystem, barReady:
		return -0.24, 0.38 // a strip at the bottom
	case barTake, barDeliver:
		return 0.42, 0.2
	}
	return 0.34, 0.2
}
