package chart

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"github.com/payoff-bench/payoff/harness"
)

// TestTimeline checks that a timeline has a row for each line and a name for each kind of bar, and that
// no text covers another.
func TestTimeline(t *testing.T) {
	cell := harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000}, Strategy: "procs", Chunk: "64", Order: harness.MapOrder, Workers: 2, Cores: 2}
	line := harness.Timeline{Cell: cell, From: 5000, To: 25000, Makespan: 1e6, Even: 0.4, Marked: 1.3, Collections: 2, Collected: 3e4, Left: 3}
	for i, k := range barKinds {
		line.Lines = append(line.Lines, harness.Line{Name: strings.Repeat("worker process ", 2) + string(rune('a'+i)),
			Bars: []harness.Bar{{Kind: k.kind, From: 5000, To: 6000}, {Kind: k.kind, From: 24_990, To: 25_000}, {Kind: k.kind, From: 9000, To: 9000}}})
	}
	c := Timeline(line)
	all := labels(c)
	for i, l := range all {
		if l.left < 0 || l.low < 0 || l.right > vg.Length(c.Width) || l.high > vg.Length(c.Height) {
			t.Errorf("%q leaves the page", l.text)
		}
		for _, o := range all[:i] {
			if l.left < o.right && o.left < l.right && l.low < o.high && o.low < l.high {
				t.Errorf("%q covers %q", l.text, o.text)
			}
		}
	}
	has := func(text string) bool { return slices.ContainsFunc(all, func(l label) bool { return l.text == text }) }
	for i, k := range barKinds {
		if !has(k.name) || !has(line.Lines[i].Name) {
			t.Errorf("%q or %q is missing", k.name, line.Lines[i].Name)
		}
	}
	caption := "one job of 1.00 ms; the chart begins 5.00 µs after its submission. In 40 % of the job's parts, "
	if !strings.Contains(c.Caption, caption) || !strings.Contains(c.Caption, "the job took 1.30 times as long") || !strings.HasSuffix(c.Caption, "garbage 2 times, for 3 % of the job. 3 more workers are not shown.") {
		t.Errorf("caption %q", c.Caption)
	}
	if want := "timeline-procs-64-spin-1000-ns-2-cores"; c.Name != want {
		t.Errorf("name %q, want %q", c.Name, want)
	}
	var b bytes.Buffer
	if err := c.SVG(&b); err != nil || strings.Count(b.String(), "<path") < 3*len(barKinds) {
		t.Errorf("the SVG has %d paths: %v", strings.Count(b.String(), "<path"), err)
	}
	line.From, line.To, line.Even, line.Collections, line.Left = 0, 1e6, 1, 0, 0
	if c := Timeline(line); !strings.Contains(c.Caption, "one job of 1.00 ms, all of it. Where") || !strings.HasSuffix(c.Caption, "no garbage in this job.") {
		t.Errorf("caption %q", c.Caption)
	}
}
