package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/document"
)

// claimsHead names the columns of a table of claims.
var claimsHead = []string{"claim", "verdict", "holds in", "typical case", "text"}

// ClaimFormats returns the formats of [Claims].
func ClaimFormats() []string { return []string{"json", "md", "text"} }

// Claims writes the verdicts on claims in the given format, with a row for each claim.
func Claims(w io.Writer, claims []analyze.Claim, form string) error {
	switch form {
	case "json":
		return document.WriteClaims(w, claims)
	case "md":
		rows := [][]string{claimsHead, slices.Repeat([]string{"---"}, len(claimsHead))}
		for _, c := range claims {
			rows = append(rows, claimRow(c))
		}
		for _, row := range rows {
			if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | ")); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join(claimsHead, "\t"))
	for _, c := range claims {
		fmt.Fprintln(table, strings.Join(claimRow(c), "\t"))
	}
	return table.Flush()
}

// claimRow returns the cells of the row of a claim.
func claimRow(c analyze.Claim) []string {
	if c.Lacks != "" {
		return []string{c.ID, "not tested", "–", "–", c.Text + "; needs " + c.Lacks}
	}
	n := c.Count()
	text := c.Text
	if at := c.Boundary(); at != "" {
		text += "; " + at
	}
	return []string{c.ID, c.Answer().String(), fmt.Sprintf("%d of %d", n[analyze.Yes], len(c.Evidence)), typical(c), text}
}

// typical returns a text with the ratio and the interval of the typical evidence of the claim.
func typical(c analyze.Claim) string {
	e, ok := c.Typical()
	switch {
	case !ok:
		return "–"
	case e.Checked():
		return check(e)
	}
	return ratio(e.Over.Ratio)
}
