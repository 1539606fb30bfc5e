package analyze

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// An opinion is a row of the table of claims: a statement about pools that people make, and the way
// to test it.
type opinion struct {
	id, text   string
	experiment string // the comparison that tests the claim, in one line
	metric     string // the compared quantity
	cells      string // filter that selects the cells of the suite "claims" that test the claim; "" for none
	needs      string // text that names the cells that a test needs; if evidence is nil, what no run measures yet

	cores int    // smallest number of cores of such cells; 0 for any
	unit  string // unit of the compared quantity; "" for the makespan

	evidence func(*ground) []Evidence // nil if no run can test the claim yet
}

// opinions returns the table of claims, by id.
func opinions() []opinion {
	all := slices.Concat(sizeClaims, startClaims, orderClaims, workerClaims, dataClaims, stateClaims)
	slices.SortFunc(all, func(a, b opinion) int { return cmp.Compare(a.id, b.id) })
	return all
}

// ClaimIDs returns the IDs of all claims, such as C01, in ascending order.
func ClaimIDs() []string { return mapped(opinions(), func(o opinion) string { return o.id }) }

// ClaimCells returns a filter that selects the cells of the suite "claims" that test the claim with
// the given ID. A run of these cells must also measure the direct loops of their blocks. ClaimCells
// returns "" for a claim that the suite does not test.
func ClaimCells(id string) string {
	for _, o := range opinions() {
		if o.id == id {
			return o.cells
		}
	}
	return ""
}

// claims tests all claims. It returns those for which the run has evidence, and the others with a
// text in the field Lacks.
func (s *ground) claims() (tested, untested []Claim) {
	for _, o := range opinions() {
		c := Claim{ID: o.id, Text: o.text, Experiment: o.experiment, Metric: o.metric}
		if o.evidence != nil {
			c.Evidence = o.evidence(s)
		}
		if len(c.Evidence) > 0 {
			tested = append(tested, c)
			continue
		}
		c.Lacks = s.lacks(o)
		untested = append(untested, c)
	}
	return tested, untested
}

// lacks returns what the run lacks for a test of the claim: cores, a unit, undisturbed launches, or
// cells.
func (s *ground) lacks(o opinion) string {
	most := 0
	for _, c := range s.cells {
		most = max(most, c.Cores)
	}
	switch why, absent := s.Info.Absent[o.unit]; {
	case o.evidence == nil:
		return o.needs
	case most < o.cores:
		return fmt.Sprintf("cells on at least %d cores; the run has at most %d", o.cores, most)
	case o.unit != "" && absent:
		return "the unit " + o.unit + ", which was not measured: " + why
	case o.unit != "" && !slices.ContainsFunc(s.all, func(x harness.Sample) bool { return x.Values[o.unit] > 0 }):
		return "the unit " + o.unit + ", which no launch measured"
	case 2*s.Starved > len(s.all):
		return fmt.Sprintf("a quieter machine; other processes took the cores of %d of %d launches", s.Starved, len(s.all))
	}
	return o.needs
}
