package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/payoff-bench/payoff/harness/format"
)

// The files of the page. The folder uplot has the licence and the checksums of uPlot.
var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/page.css
	pageCSS string
	//go:embed page/page.js
	pageJS string
	//go:embed page/uplot/uPlot.iife.min.js
	plotJS string
	//go:embed page/uplot/uPlot.min.css
	plotCSS string

	pageTemplate = template.Must(template.New("page").Parse(pageHTML))
)

// A view is the page in the form that its HTML template reads.
type view struct {
	Policy          string
	Style           template.CSS
	Script          template.JS
	Title, Headline string
	Badge           viewBadge
	Answer          []string
	Front, Appendix []viewSection
	Profiles        []Link
	Values          []chartValues
}

type (
	viewBadge   struct{ Level, Word, Text string }
	viewSection struct {
		Title string
		Parts []viewPart
	}
	viewPart struct {
		Text, After, Command string
		Glossary             string // anchor of the glossary to which the paragraph after a table links, or ""
		Figure               *viewFigure
		Table                *viewTable
		List                 []string
		Numbered             bool
		Terms                []viewTerm
	}
	viewFigure struct {
		Name  string // name of the chart's file
		Index int    // index of the chart's values among the values of all charts of the page
		SVG   template.HTML
	}
	viewTable struct {
		Caption string
		Head    []string
		Rows    [][]viewCell
	}
	viewCell struct {
		Text  string
		Class string // "again" for the text of the row above, "long" for one that may need several lines
	}
	viewTerm struct{ Word, Means, Anchor string }
)

// webPage writes the page as one HTML file that needs no other file.
func webPage(w io.Writer, p page) error {
	style, script := plotCSS+pageCSS, plotJS+pageJS
	v := view{
		Policy: fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'", hash(style), hash(script)),
		Style:  template.CSS(style), Script: template.JS(script),
		Title: p.title, Headline: p.run, Badge: viewBadge{p.health.level, p.health.word, p.health.text}, Answer: p.answer, Profiles: p.profiles,
	}
	var err error
	if v.Front, err = v.sections(p.front, true); err != nil {
		return err
	}
	if v.Appendix, err = v.sections(p.appendix, false); err != nil {
		return err
	}
	v.Values = append([]chartValues{}, v.Values...) // never null
	return pageTemplate.Execute(w, v)
}

// hash returns the source expression of a content security policy that permits exactly the given
// text, such as a script.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// most is the largest number of rows of a table in the front.
const most = 8

// sections returns sections of the page in the form that the template reads, and adds the values of
// their charts to the view. front is true for sections of the front, whose tables are shortened.
func (v *view) sections(all []section, front bool) (out []viewSection, err error) {
	for _, s := range all {
		parts := s.shown(inFile)
		if len(parts) == 0 {
			continue
		}
		one := viewSection{Title: s.title}
		for _, p := range parts {
			view, err := v.part(p, s.title, front)
			if err != nil {
				return nil, err
			}
			one.Parts = append(one.Parts, view)
		}
		if s.title == "" && len(out) > 0 {
			last := &out[len(out)-1]
			last.Parts = append(last.Parts, one.Parts...)
			continue
		}
		out = append(out, one)
	}
	return out, nil
}

func (v *view) part(p part, title string, front bool) (out viewPart, err error) {
	out = viewPart{Text: strings.TrimSpace(p.text + " " + p.lead), List: p.list, Numbered: p.numbered, Command: p.command}
	if p.glossary {
		out.Glossary = glossaryAnchor
	}
	for _, t := range p.terms {
		anchor := ""
		if len(out.Terms) == 0 {
			anchor = glossaryAnchor // inside the folded section, so that a browser opens it
		}
		out.Terms = append(out.Terms, viewTerm{t[0], t[1], anchor})
	}
	if p.chart != nil {
		svg, err := inline(p.chart)
		if err != nil {
			return out, err
		}
		out.Figure = &viewFigure{p.chart.Name, len(v.Values), svg}
		v.Values = append(v.Values, valuesOf(p.chart))
	}
	if len(p.rows) > 1 {
		rows, left := p.rows, 0
		if front {
			rows, left = top(rows, most)
		}
		caption := p.caption
		if caption == "" {
			caption = title
		}
		if left > 0 {
			out.After = fmt.Sprintf("The appendix has %s. ", moreRows(left))
		}
		out.After = strings.TrimSpace(out.After + p.legend)
		out.Table = &viewTable{Caption: caption, Head: rows[0], Rows: filled(rows[1:])}
	}
	return out, nil
}

// moreRows returns the number of rows that a table leaves out: "1 more row", "5 more rows".
func moreRows(n int) string { return strings.Replace(format.Count(n, "row"), " ", " more ", 1) }

// top returns the head and the first n rows of a table, and the number of the omitted rows.
func top(rows [][]string, n int) ([][]string, int) {
	if left := len(rows) - 1 - n; left > 0 {
		return rows[:n+1], left
	}
	return rows, 0
}

// long is the number of characters from which a cell of a table may take several lines.
const long = 48

// filled returns the rows of a table in the form that the template reads. An empty cell in the
// first column gets the text of the row above, so that readers can sort the table.
func filled(rows [][]string) (out [][]viewCell) {
	above := ""
	for _, row := range rows {
		cells := make([]viewCell, len(row))
		for i, text := range row {
			cells[i] = viewCell{Text: text}
			switch {
			case i == 0 && text == "":
				cells[i] = viewCell{above, "again"}
			case utf8.RuneCountInString(text) > long:
				cells[i].Class = "long"
			}
		}
		above = cells[0].Text
		out = append(out, cells)
	}
	return out
}
