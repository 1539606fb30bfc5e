package report

import (
	"bytes"
	"html/template"
	"regexp"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/chart"
)

// A pictures holds the charts of a run that no section of the page has yet.
type pictures []chart.Chart

// named removes and returns a chart of the given kind whose name contains text. It returns nil if
// there is none.
func (p *pictures) named(kind, text string) *chart.Chart {
	i := slices.IndexFunc(*p, func(c chart.Chart) bool { return c.Kind == kind && strings.Contains(c.Name, text) })
	return p.pick(i)
}

// take removes and returns a chart of the given kind, or nil if there is none. It prefers a chart
// of the given place (task, cores and order of delivery).
func (p *pictures) take(kind string, place analyze.Place) *chart.Chart {
	i := slices.IndexFunc(*p, func(c chart.Chart) bool { return c.Kind == kind && c.Place == place })
	if i < 0 {
		i = slices.IndexFunc(*p, func(c chart.Chart) bool { return c.Kind == kind })
	}
	return p.pick(i)
}

// pick removes and returns the chart with index i. It returns nil if i is negative.
func (p *pictures) pick(i int) *chart.Chart {
	if i < 0 {
		return nil
	}
	c := (*p)[i]
	*p = slices.Delete(slices.Clone(*p), i, i+1)
	return &c
}

// declared matches a style attribute of an element.
var declared = regexp.MustCompile(`\s+style="([^"]*)"`)

// inline returns chart c as an SVG element for report.html. It replaces style attributes by
// presentation attributes, because the content security policy of report.html permits no style
// attributes.
func inline(c *chart.Chart) (template.HTML, error) {
	var b bytes.Buffer
	if err := c.SVG(&b); err != nil {
		return "", err
	}
	text := b.String()
	text = text[strings.Index(text, "<svg"):]
	text = declared.ReplaceAllStringFunc(text, func(style string) string {
		var out strings.Builder
		for one := range strings.SplitSeq(declared.FindStringSubmatch(style)[1], ";") {
			if key, value, ok := strings.Cut(one, ":"); ok {
				out.WriteString(" " + strings.TrimSpace(key) + `="` + strings.TrimSpace(value) + `"`)
			}
		}
		return out.String()
	})
	label := template.HTMLEscapeString(plain(c.Question))
	return template.HTML(strings.Replace(text, "<svg", `<svg role="img" aria-label="`+label+`"`, 1)), nil
}

// These types hold the values of a chart as JSON, for the script in report.html.
type (
	// chartValues holds the values of a chart, in the form that the script of the page reads.
	chartValues struct {
		Question string        `json:"question"`
		Width    float64       `json:"width"`
		Height   float64       `json:"height"`
		Panels   []panelValues `json:"panels"`
	}
	// panelValues holds the values of one panel of a chart.
	panelValues struct {
		Title  string         `json:"title"`
		Form   chart.Form     `json:"form"`
		Box    [4]float64     `json:"box"` // left, top, width and height in the SVG
		X      axisValues     `json:"x"`
		Y      axisValues     `json:"y"`
		Series []seriesValues `json:"series"`
	}
	// axisValues holds the title and the limits of one axis of a panel.
	axisValues struct {
		Title string  `json:"title"`
		Min   float64 `json:"min"`
		Max   float64 `json:"max"`
		Log   bool    `json:"log"`
		Named bool    `json:"named"`
	}
	// seriesValues holds the points of one series, and the words to show for each point.
	seriesValues struct {
		Name  string    `json:"name"`
		X     []float64 `json:"x"`
		Y     []float64 `json:"y"`
		Words []string  `json:"words"`
	}
)

// valuesOf returns the values of chart c for the script in report.html.
func valuesOf(c *chart.Chart) chartValues {
	out := chartValues{Question: c.Question, Width: c.Width, Height: c.Height}
	axis := func(a chart.Axis) axisValues { return axisValues{a.Title, a.Min, a.Max, a.Log, len(a.Names) > 0} }
	for _, p := range c.Panels {
		panel := panelValues{Title: p.Title, Form: p.Form, Box: [4]float64{p.Box.X, p.Box.Y, p.Box.Width, p.Box.Height}, X: axis(p.X), Y: axis(p.Y)}
		for _, s := range p.Series {
			one := seriesValues{Name: s.Name}
			for _, q := range s.Points {
				one.X, one.Y, one.Words = append(one.X, q.X), append(one.Y, q.Y), append(one.Words, p.Words(s, q))
			}
			panel.Series = append(panel.Series, one)
		}
		out.Panels = append(out.Panels, panel)
	}
	return out
}
