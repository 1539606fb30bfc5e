package chart

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
)

// A label is a text on the canvas and the box that it fills.
type label struct {
	text                   string
	left, low, right, high vg.Length
}

// labels returns the texts of a chart.
func labels(c Chart) (all []label) {
	var canvas recorder.Canvas
	c.draw(draw.NewCanvas(&canvas, vg.Length(c.Width), vg.Length(c.Height)))
	for _, action := range canvas.Actions {
		if f, ok := action.(*recorder.FillString); ok {
			sty := textStyle(f.Size, ink)
			sty.Font.Weight = f.Font.Weight
			all = append(all, label{f.String, f.Point.X, f.Point.Y, f.Point.X + sty.Width(f.String), f.Point.Y + 0.6*f.Size})
		}
	}
	return all
}

// TestTextOfCharts checks that no text covers another or leaves the page, and that the legend has
// each name in the data of a chart.
func TestTextOfCharts(t *testing.T) {
	kinds := map[string]bool{}
	for name, a := range analyses(t) {
		for _, c := range All(a) {
			kinds[c.Kind] = true
			all := labels(c)
			if len(all) < 4 {
				t.Errorf("%s: %s: %d texts", name, c.Name, len(all))
			}
			for i, l := range all {
				if l.left < 0 || l.low < 0 || l.right > vg.Length(c.Width) || l.high > vg.Length(c.Height) {
					t.Errorf("%s: %s: %q leaves the page", name, c.Name, l.text)
				}
				for _, o := range all[:i] {
					if l.left < o.right && o.left < l.right && l.low < o.high && o.low < l.high {
						t.Errorf("%s: %s: %q covers %q", name, c.Name, l.text, o.text)
					}
				}
			}
			has := func(text string) bool { return slices.ContainsFunc(all, func(l label) bool { return l.text == text }) }
			for _, p := range c.Panels {
				for _, s := range p.Series {
					if p.Form != Tiles && !has(s.Name) {
						t.Errorf("%s: %s: %q is not in the legend", name, c.Name, s.Name)
					}
					if len(s.Points) == 0 {
						t.Errorf("%s: %s: %q has no points", name, c.Name, s.Name)
					}
				}
			}
		}
	}
	for _, k := range []string{"decision", "crossover", "efficiency", "account", "speedup", "metg", "chunk", "regret", "order", "memory", "throughput", "payload", "stages", "start", "inputs"} {
		if !kinds[k] {
			t.Errorf("no run has a chart of kind %s", k)
		}
	}
}

// TestStylesOfARun checks that a strategy has the same style in all charts of a run, and that no
// two series of a chart look the same.
func TestStylesOfARun(t *testing.T) {
	for name, a := range analyses(t) {
		styles := map[string]int{}
		for _, c := range All(a) {
			looks := map[string]string{}
			for _, p := range c.Panels {
				for _, s := range p.Series {
					look := fmt.Sprint(styled(s.Style, s.Variant))
					if other, ok := looks[look]; ok && other != s.Name && p.Form != Tiles {
						t.Errorf("%s: %s: %q looks like %q", name, c.Name, s.Name, other)
					}
					looks[look] = s.Name
					strategy, _, _ := strings.Cut(s.Name, " (")
					if p.Form == Tiles || p.Form == Stacks || strings.Contains(strategy, " ") {
						continue // not named after a strategy
					}
					if style, ok := styles[strategy]; ok && style != s.Style {
						t.Errorf("%s: %s: %s has style %d, and %d elsewhere", name, c.Name, strategy, s.Style, style)
					}
					styles[strategy] = s.Style
				}
			}
		}
	}
}

// TestPartsAddUp checks that the parts of a bar add up to its total.
func TestPartsAddUp(t *testing.T) {
	bars := 0
	for name, a := range analyses(t) {
		for _, c := range All(a) {
			for _, p := range c.Panels {
				for _, m := range p.Marks {
					if p.Form != Stacks || m.Lo != m.Hi {
						continue
					}
					sum := 0.0
					for _, s := range p.Series {
						for _, q := range s.Points {
							if q.Y == m.Y {
								sum += q.X
							}
						}
					}
					bars++
					if math.Abs(sum/m.X-1) > 0.011 {
						t.Errorf("%s: %s: the parts in row %g add up to %g of %g", name, c.Name, m.Y, sum, m.X)
					}
				}
			}
		}
	}
	if bars == 0 {
		t.Error("no bars")
	}
}

// chartOf returns the first chart of the given kind.
func chartOf(t *testing.T, a *analyze.Analysis, kind string) Chart {
	t.Helper()
	all := All(a)
	i := slices.IndexFunc(all, func(c Chart) bool { return c.Kind == kind })
	if i < 0 {
		t.Fatalf("no chart of kind %s", kind)
	}
	return all[i]
}

func TestMarks(t *testing.T) {
	all := analyses(t)
	start := chartOf(t, all["starts"], "start").Panels[0].Marks
	if len(start) == 0 {
		t.Fatal("no start pays off")
	}
	for _, m := range start {
		if m.X < m.Lo || m.X > m.Hi || m.Style == 2 && (m.Lo != 16 || m.Hi != 64) {
			t.Errorf("the start pays off at %+v", m)
		}
	}
	for _, m := range chartOf(t, all["workers"], "throughput").Panels[0].Marks {
		if m.X != 16 || m.Lo != 16 || m.Hi != 16 {
			t.Errorf("the knee is at %+v", m)
		}
	}
	marks := chartOf(t, all["wide"], "crossover").Panels[0].Marks
	if !slices.ContainsFunc(marks, func(m Mark) bool { return m.Name == "break-even with the loop" && m.Y == 1 }) {
		t.Errorf("no break-even with the loop: %+v", marks)
	}
}

// TestFormOfSpeedup checks that speed-ups are bars for few numbers of cores and lines for many, and
// that each panel has all series of the legend.
func TestFormOfSpeedup(t *testing.T) {
	all := analyses(t)
	for name, want := range map[string]Form{"wide": Bars, "many cores": Lines} {
		c := chartOf(t, all[name], "speedup")
		for _, p := range c.Panels {
			if p.Form != want || len(p.Series) != len(c.Panels[0].Series) {
				t.Errorf("%s: %s with %d series", name, p.Form, len(p.Series))
			}
		}
	}
}

// TestFramesOfRegret checks that no chunk is framed as the best after few rounds, or if another
// chunk was faster.
func TestFramesOfRegret(t *testing.T) {
	few := analyzetest.Bathtub
	few.Rounds = 2
	for name, a := range map[string]*analyze.Analysis{"few": analyze.New(harness.Info{}, few.Samples(), settings), "chunks": analyses(t)["chunks"]} {
		framed := 0
		for _, p := range chartOf(t, a, "regret").Panels {
			for row := range p.Y.Names {
				least, best := 0.0, false
				for _, q := range p.Series[0].Points {
					if int(q.Y) == row {
						least, best = min(least, q.Z), best || q.Best
					}
				}
				if best {
					framed++
				}
				if best && least < 0 {
					t.Errorf("%s: %s is framed, and another chunk has a regret of %g", name, p.Y.Names[row], least)
				}
			}
		}
		if name == "few" && framed > 0 {
			t.Errorf("%d chunks are the best after 2 rounds", framed)
		}
	}
}

// TestUndrawableNames checks that a PNG shows a box for a character that the font lacks.
func TestUndrawableNames(t *testing.T) {
	if got, want := drawable("素数🚀 8 µs × é", textStyle(10, ink).Font), "□□□ 8 µs × é"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	c := chartOf(t, analyses(t)["wide"], "efficiency")
	var svg, raster bytes.Buffer
	if err := c.SVG(&svg); err != nil || !strings.Contains(svg.String(), "素数🚀/&lt;b&gt;&amp;") {
		t.Errorf("the name is not in the SVG, or not escaped: %v", err)
	}
	if strings.ContainsAny(c.Name, `/\<>"&`) {
		t.Errorf("the name of the file is %q", c.Name)
	}
	if err := c.PNG(&raster); err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(&raster); err != nil {
		t.Error(err)
	}
	canvas := draw.New(vgimg.New(100, 100))
	if part := draw.Crop(canvas, 1, -1, 1, -1); !isRaster(&part) || isRaster(vgsvg.New(100, 100)) {
		t.Error("a part of a raster canvas is not recognized, or an SVG is taken for one")
	}
}

// TestBoxesAndWords checks that the boxes of the panels lie on the page side by side, and that the
// words of a point contain its values.
func TestBoxesAndWords(t *testing.T) {
	for name, a := range analyses(t) {
		for _, c := range All(a) {
			for i, p := range c.Panels {
				b := p.Box
				if b.X <= 0 || b.Y <= 0 || b.Width < 40 || b.Height < 15 || b.X+b.Width > c.Width || b.Y+b.Height > c.Height {
					t.Errorf("%s: %s: panel %d fills %+v of %g by %g", name, c.Name, i, b, c.Width, c.Height)
				}
				for _, s := range p.Series {
					for _, q := range s.Points {
						if words := p.Words(s, q); !strings.Contains(words, "n = ") || strings.Contains(words, "?") || strings.HasPrefix(words, ": ") {
							t.Errorf("%s: %s: %q", name, c.Name, words)
						}
					}
				}
			}
		}
	}
}
