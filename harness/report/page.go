package report

import (
	"github.com/payoff-bench/payoff/harness/analyze"
)

// A page is the report before it is written as Markdown or as text.
type page struct {
	title    string
	facts    []string // on the run and its machine, with notes on the whole run
	sections []section
}

// A section is a title and the parts under it. Without a title the parts belong to the previous
// section.
type section struct {
	title string
	parts []part
}

// A part of a section is a paragraph, a table or a list.
type part struct {
	text     string
	lead     string     // paragraph before a table or list, only in report.md
	rows     [][]string // of a table; the first row is the head
	list     []string
	numbered bool // of a list
	only     medium
	// For a table in the terminal: whether a blank line precedes it, and a function that narrows it.
	gap    bool
	narrow func(rows [][]string) [][]string
}

// A medium is where a part appears.
type medium int

const (
	anywhere medium = iota
	inFile          // only in report.md
	inTerminal
)

// A topic returns the sections on one kind of result. The report consists of the topics of the table
// below, in its order.
type topic func(a *analyze.Analysis, n *footnotes) []section

var topics = []topic{
	row(func(a *analyze.Analysis) []analyze.Section { return a.Sections }, questions),
	row(func(a *analyze.Analysis) []analyze.Chunking { return a.Chunkings }, chunks),
	row(func(a *analyze.Analysis) []analyze.Ordering { return a.Orderings }, order),
	row(once, isolation),
	row((*analyze.Analysis).LatenciesByPlace, responses),
	row(func(a *analyze.Analysis) []analyze.Scale { return a.Scales }, scale),
	row(func(a *analyze.Analysis) []analyze.Lineup { return a.Lineups }, lineup),
	row(once, controls),
}

// row returns a topic that has a section for each result that needs returns. draw makes the
// section.
func row[T any](needs func(*analyze.Analysis) []T, draw func(*analyze.Analysis, T, *footnotes) section) topic {
	return func(a *analyze.Analysis, n *footnotes) (all []section) {
		for _, of := range needs(a) {
			all = append(all, draw(a, of, n))
		}
		return all
	}
}

// once makes row return a topic with one section for the whole run.
func once(a *analyze.Analysis) []*analyze.Analysis { return []*analyze.Analysis{a} }

func newPage(a *analyze.Analysis) page {
	n := &footnotes{}
	p := page{title: title(a.Info), facts: facts(a)}
	for _, t := range topics {
		p.sections = append(p.sections, t(a, n)...)
	}
	said, short := sentences(a, n)
	notes := section{"Notes", []part{{list: n.lines(), numbered: true}}}
	p.sections = append(p.sections, notes, section{"What this run says", []part{{list: said, only: inFile}, {list: short, only: inTerminal}}})
	return p
}

// shown returns the parts of a section that appear in a medium, without empty parts.
func (s section) shown(in medium) (parts []part) {
	for _, p := range s.parts {
		if full := p.text != "" || len(p.rows) > 1 || len(p.list) > 0; full && (p.only == anywhere || p.only == in) {
			parts = append(parts, p)
		}
	}
	return parts
}
