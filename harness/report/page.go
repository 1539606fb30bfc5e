package report

import (
	"slices"
	"strings"
	"unicode"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/chart"
)

// A page is the content of the report, from which HTML, Markdown and text are written. Its front
// gives the answers, and its appendix holds all results.
type page struct {
	title    string
	run      string // the suite, the machine, the rounds and the time
	health   badge
	answer   []string // at most three sentences
	front    []section
	facts    []string // lines about the run and its machine, and the notes on the whole run
	appendix []section
	charts   []chart.Chart // all charts of the run
	profiles []Link        // flame graphs and timelines of the run
}

// A badge says how good the measurement is: by a level (good, warn or bad), which sets its colour,
// by a word and by a longer text.
type badge struct{ level, word, text string }

// A section is a title and the parts below it. The parts of a section without a title belong to the
// previous section.
type section struct {
	title string
	parts []part
}

// A part of a section is a paragraph, a chart, a table, a list, a list of terms or a command.
type part struct {
	text     string
	lead     string // paragraph before a table or list, not in the terminal
	chart    *chart.Chart
	rows     [][]string // rows of a table; the first is the head
	caption  string     // caption of the table
	legend   string     // under a table, only in files
	list     []string
	numbered bool // whether the list is numbered
	terms    [][2]string
	command  string
	glossary bool // the legend ends with a link to the glossary
	only     medium
	// For a table in the terminal: whether a blank line precedes it, and a function that narrows it.
	gap    bool
	narrow func(rows [][]string) [][]string
}

// A medium says where a part of a section appears: in report.html, in the terminal, or in both.
type medium int

const (
	anywhere   medium = iota
	inFile            // only in report.html
	inTerminal        // only in the terminal
)

// A topic returns the sections of the appendix on one kind of result.
type topic func(a *analyze.Analysis, n *footnotes) []section

// topics lists the topics in the order of the appendix.
var topics = []topic{
	newTopic(func(a *analyze.Analysis) []analyze.Section { return a.Sections }, questions),
	newTopic(func(a *analyze.Analysis) []analyze.Chunking { return a.Chunkings }, chunks),
	newTopic(func(a *analyze.Analysis) []analyze.Ordering { return a.Orderings }, order),
	newTopic(once, isolation),
	newTopic((*analyze.Analysis).LatenciesByPlace, responses),
	newTopic(func(a *analyze.Analysis) []analyze.Scale { return a.Scales }, scale),
	newTopic(func(a *analyze.Analysis) []analyze.Lineup { return a.Lineups }, lineup),
	newTopic(func(a *analyze.Analysis) []analyze.Program { return a.Programs[:min(1, len(a.Programs))] }, inputTimes),
	newTopic(once, controls),
}

// newTopic returns a topic with one section for each result of one kind. The function needs returns
// these results, and the function draw returns the section on one of them.
func newTopic[T any](needs func(*analyze.Analysis) []T, draw func(*analyze.Analysis, T, *footnotes) section) topic {
	return func(a *analyze.Analysis, n *footnotes) (all []section) {
		for _, of := range needs(a) {
			all = append(all, draw(a, of, n))
		}
		return all
	}
}

// once returns a slice that has a as its only element. A topic made by newTopic(once, …) has one
// section for the whole run.
func once(a *analyze.Analysis) []*analyze.Analysis { return []*analyze.Analysis{a} }

// detailed returns the page as the terminal shows it: without its front and its charts.
func detailed(a *analyze.Analysis) page {
	n := &footnotes{}
	p := page{title: title(a.Info), facts: facts(a)}
	answer := theBoundary(a, "", nil) // files have it at the front
	for i := range answer.parts {
		answer.parts[i].only = inTerminal
	}
	p.appendix = append(p.appendix, answer)
	for _, t := range topics {
		p.appendix = append(p.appendix, t(a, n)...)
	}
	said, short := sentences(a, n)
	notes := section{"Notes", []part{{list: n.lines(), numbered: true}}}
	p.appendix = append(p.appendix, notes, section{"What this run says", []part{{list: said, only: inFile}, {list: short, only: inTerminal}}})
	return p
}

// newPage returns the complete page. run is the folder of the run, for commands on the page.
func newPage(run string, a *analyze.Analysis) page {
	p := detailed(a)
	p.charts = chart.All(a)
	p.run, p.health, p.answer = headline(a), newBadge(a), answer(a)
	left := pictures(p.charts)
	var long []section // tables of the front, with all rows
	for _, draw := range fronts {
		s := draw(a, run, &left)
		if s.parts = s.shown(inFile); len(s.parts) == 0 {
			continue
		}
		p.front = append(p.front, s)
		for _, one := range s.parts {
			if len(one.rows)-1 > most {
				long = append(long, section{s.title + ": all rows", []part{{rows: one.rows, caption: one.caption}}})
			}
		}
	}
	more := section{title: "More charts"}
	for i := range left {
		more.parts = append(more.parts, part{chart: &left[i]})
	}
	p.appendix = slices.Concat(long, []section{more}, p.appendix, []section{provenance(run, a, p.facts), glossary(a), samples(a)})
	return p
}

// shown returns the non-empty parts of the section that appear in medium m.
func (s section) shown(m medium) (parts []part) {
	for _, p := range s.parts {
		full := p.text != "" || len(p.rows) > 1 || len(p.list) > 0 || p.chart != nil || len(p.terms) > 0 || p.command != ""
		if full && (p.only == anywhere || p.only == m) {
			parts = append(parts, p)
		}
	}
	return parts
}

// plain returns text as one line. It replaces control characters by spaces; a name that the user
// chose may contain some.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
