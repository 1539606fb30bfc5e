package report

import (
	"github.com/payoff-bench/payoff/harness/analyze"
)

// A page is the report before it is set as Markdown or as text.
type page struct {
	title    string
	facts    []string // the run and its machine, and doubts about all of it
	sections []section
}

// A section is a title and the parts under it. Without a title the parts belong to the
// section before.
type section struct {
	title string
	parts []part
}

// A part of a section is one of a paragraph, a table or a list.
type part struct {
	text     string
	lead     string     // of a table or list; report.md alone
	rows     [][]string // the first is the head
	list     []string
	numbered bool // of a list
	only     medium
	// Of a table in the terminal: a blank line stands before it, and fewer columns or turned.
	gap    bool
	narrow func(rows [][]string) [][]string
}

// A medium is where a part appears.
type medium int

const (
	anywhere medium = iota
	inFile          // in report.md alone
	inTerminal
)

// A topic of the report is a row of this table: the parts of an analysis that it needs, one for
// each section, and how a section is made of one.
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

func row[T any](needs func(*analyze.Analysis) []T, draw func(*analyze.Analysis, T, *footnotes) section) topic {
	return func(a *analyze.Analysis, n *footnotes) (all []section) {
		for _, of := range needs(a) {
			all = append(all, draw(a, of, n))
		}
		return all
	}
}

// once is for a topic that has one section for all of the run.
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

// shown returns the parts of a section in a medium, without empty ones.
func (s section) shown(in medium) (parts []part) {
	for _, p := range s.parts {
		if full := p.text != "" || len(p.rows) > 1 || len(p.list) > 0; full && (p.only == anywhere || p.only == in) {
			parts = append(parts, p)
		}
	}
	return parts
}
