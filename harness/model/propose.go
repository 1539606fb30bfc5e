package model

import (
	"cmp"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// A Proposal is a cell that may be the best for a task, with its expected makespan.
type Proposal struct {
	Cell harness.Cell
	Time analyze.Estimate // makespan per task in ns: measured with its 95 % interval, or predicted with its band
	// Predicted says that Time is a prediction of the model. Otherwise Time comes from launches of
	// the cell.
	Predicted bool
}

// Propose returns the measured or predicted makespans of the given cells for the model's single
// task, the smallest first. Of cells with equal makespans, the one that is earlier in cells comes
// first. Propose omits a cell that was not measured and is outside the range of the measured cells.
func (m Model) Propose(cells []harness.Cell) (all []Proposal) {
	for _, c := range cells {
		if i := slices.IndexFunc(m.cells, func(o observation) bool { return o.cell == c }); i >= 0 {
			all = append(all, Proposal{Cell: c, Time: m.cells[i].estimate()})
			continue
		}
		i := slices.IndexFunc(m.Series, func(s Series) bool { return s.Who == seriesOf(c) })
		if i < 0 || c.Chunk.Fixed() == 0 {
			continue
		}
		s := m.Series[i]
		at := m.cells[slices.IndexFunc(m.cells, func(o observation) bool { return seriesOf(o.cell) == s.Who })].at
		at.Work, at.Chunk, at.Workers = m.work(), c.Chunk.Fixed(), c.Workers
		if len(s.Range.Outside(at)) == 0 {
			all = append(all, Proposal{c, m.banded(s, at), true})
		}
	}
	slices.SortStableFunc(all, func(a, b Proposal) int { return cmp.Compare(a.Time.Value, b.Time.Value) })
	return all
}

// work returns the time of the model's single task in the direct loop, in ns.
func (m Model) work() (sum float64) {
	for _, c := range m.cells {
		sum += c.at.Work
	}
	return sum / float64(len(m.cells))
}

// Shortlist returns at most n of the proposals, in their order, for a check by measurement. It
// prefers the best cell of each strategy with its settings, if the cell is expected to take at most
// twice as long as the best of all cells.
func Shortlist(all []Proposal, n int) []Proposal {
	chosen := map[harness.Cell]bool{}
	met := map[harness.Cell]bool{}
	for _, p := range all {
		who := p.Cell
		who.Chunk, who.Workers = "", 0
		if !met[who] && len(chosen) < n && p.Time.Value <= 2*all[0].Time.Value {
			chosen[p.Cell] = true
		}
		met[who] = true
	}
	for _, p := range all {
		if len(chosen) < n {
			chosen[p.Cell] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(p Proposal) bool { return !chosen[p.Cell] })
}
