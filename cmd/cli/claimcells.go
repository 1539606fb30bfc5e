package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/suite"
)

// claimFilter returns a filter that selects the cells of the suite claims that test the claims with
// the given IDs. For several claims, the filter has the keys that the filters of all claims have,
// with each value of a selected cell. So it may select further cells. It ignores cells that this
// machine cannot run.
func (p Program) claimFilter(ids []string) (string, error) {
	suites, _, err := p.load([]string{claimsSuite}, choice{})
	if err != nil {
		return "", err
	}
	blocks, err := p.blocks(suites, nil, "", func(harness.Cell, error) {}) // payoff run reports cells that this machine cannot run
	if err != nil {
		return "", err
	}
	var filters []suite.Filter
	for _, id := range ids {
		text := analyze.ClaimCells(id)
		if text == "" {
			continue
		}
		f, err := suite.ParseFilter(text)
		if err != nil {
			return "", fmt.Errorf("claim %s: %w", id, err)
		}
		filters = append(filters, f)
	}
	var cells []harness.Cell
	for _, b := range blocks {
		for _, c := range b.Cells[1:] {
			if slices.ContainsFunc(filters, func(f suite.Filter) bool { return f.Selects(c) }) {
				cells = append(cells, c)
			}
		}
	}
	if len(cells) == 0 {
		return "", misuse("--only %s: no cell of the suite %s tests this on this machine; payoff claims with the folder of a run says what is missing", strings.Join(ids, ","), claimsSuite)
	}
	var terms []string
	for _, a := range filters[0].Axes() {
		if slices.ContainsFunc(filters, func(f suite.Filter) bool { return !slices.Contains(f.Axes().Keys(), a.Key) }) {
			continue
		}
		var values []string
		for _, c := range cells {
			values = append(values, a.Text(c))
		}
		slices.Sort(values)
		terms = append(terms, a.Key+":"+strings.Join(slices.Compact(values), ","))
	}
	return strings.Join(terms, " "), nil
}
