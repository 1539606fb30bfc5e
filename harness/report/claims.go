package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/document"
	"github.com/payoff-bench/payoff/harness/format"
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

// ofClaims returns the section on claims about pools. It is for runs that test at least half of the
// claims, such as those of the suite claims.
func ofClaims(a *analyze.Analysis, run string, _ *pictures) section {
	if len(a.Claims) == 0 || len(a.Claims) < len(a.Untested) {
		return section{}
	}
	rows := [][]string{claimsHead}
	count := map[string]int{}
	for _, c := range a.AllClaims() {
		count[claimVerdict(c)]++
		rows = append(rows, claimRow(c))
	}
	var counts []string
	for _, verdict := range []string{analyze.Yes.String(), analyze.No.String(), analyze.Depends.String(), analyze.Open.String(), untested} {
		if n := count[verdict]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, verdict))
		}
	}
	return section{"Claims about pools", []part{
		{text: fmt.Sprintf("Of %s that people make about pools, this run finds %s.", format.Count(len(rows)-1, "claim"), format.List(counts, "and"))},
		{rows: rows, caption: "“Holds in” counts the comparisons that support the claim. The typical case is the median of the cases that agree with the verdict: a ratio with its interval."},
		{command: inFiles(a, "claims", run)},
	}}
}

// ClaimsAgree compares the verdicts on those claims that at least one of two runs tests. It writes
// how many claims have the same verdict in both runs, and a line for each claim whose verdicts
// differ. The arguments nameOne and nameOther are the names of the runs.
func ClaimsAgree(w io.Writer, one, other []analyze.Claim, nameOne, nameOther string) error {
	same, untested := 0, 0
	var apart []string
	for _, a := range one {
		i := slices.IndexFunc(other, func(b analyze.Claim) bool { return b.ID == a.ID })
		switch x, y := claimVerdict(a), claimVerdict(other[i]); {
		case x != y:
			apart = append(apart, fmt.Sprintf("%s: %s in %s, %s in %s; %s\n", a.ID, x, nameOne, y, nameOther, a.Text))
		case a.Lacks != "":
			untested++
		default:
			same++
		}
	}
	text := fmt.Sprintf("%d of %d tested claims agree", same, len(one)-untested)
	if untested > 0 {
		text += fmt.Sprintf("; neither run tests %s", format.Count(untested, "claim"))
	}
	_, err := io.WriteString(w, text+"\n"+strings.Join(apart, ""))
	return err
}

// untested is the word for a claim without a comparison.
const untested = "not tested"

// claimVerdict returns the answer of the claim as a word, or that it was not tested.
func claimVerdict(c analyze.Claim) string {
	if c.Lacks != "" {
		return untested
	}
	return c.Answer().String()
}

// claimRow returns the cells of the row of a claim.
func claimRow(c analyze.Claim) []string {
	if c.Lacks != "" {
		return []string{c.ID, claimVerdict(c), "–", "–", c.Text + "; needs " + c.Lacks}
	}
	n := c.Count()
	text := c.Text
	if at := c.Boundary(); at != "" {
		text += "; " + at
	}
	return []string{c.ID, claimVerdict(c), fmt.Sprintf("%d of %d", n[analyze.Yes], len(c.Evidence)), typical(c), text}
}

// typical returns a text with the result of the claim's typical evidence: a ratio with its
// interval, or the result of a [check].
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
