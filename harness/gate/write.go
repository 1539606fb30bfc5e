package gate

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// count returns the text "n = 6" for 6 rounds or launches.
func count(n int) string { return fmt.Sprintf("n = %d", n) }

// where returns the task and the cores of the evidence as text, such as "spin on 2 cores, nominal
// 100 µs".
func (e Evidence) where() string {
	p := analyze.PlaceOf(e.Cell)
	return p.String() + p.Nominal()
}

// who returns the strategies of the evidence as text, such as "pool (chunk 1) against serial".
func (e Evidence) who() string {
	who := analyze.Brief(e.Cell)
	if e.Cell.Rate > 0 {
		who += fmt.Sprintf(" at %d tasks/s", e.Cell.Rate)
	}
	if e.Against != (harness.Cell{}) {
		who += " against " + analyze.Brief(e.Against)
	}
	return who
}

// found returns the measured quantity with its interval and number of rounds, as text.
func (r Result) found(e Evidence) string {
	if e.Words != "" {
		return e.Words + ", " + count(e.N)
	}
	return r.shown(e.Estimate)
}

// most is the largest number of cells of a gate with the verdict Holds that a report lists in full.
// If a gate has more such cells, the report lists only one of them.
const most = 3

// listed returns the evidence that the report lists, sorted by verdict: the worst comes first. If
// the limit holds for many cells, the report lists only the one that is nearest to the limit. left
// is the number of cells that the report does not list.
func (r Result) listed() (some []Evidence, left int) {
	all := slices.Clone(r.Evidence)
	slices.SortStableFunc(all, func(a, b Evidence) int {
		if a.Verdict != b.Verdict {
			return int(b.Verdict - a.Verdict)
		}
		return cmp.Compare(r.distance(a), r.distance(b))
	})
	open := slices.IndexFunc(all, func(e Evidence) bool { return e.Verdict == Holds })
	if open < 0 || len(all)-open <= most {
		return all, 0
	}
	return all[:open+1], len(all) - open - 1
}

// distance returns the distance of the estimate from the limit: the absolute value of the logarithm
// of their ratio.
func (r Result) distance(e Evidence) float64 {
	if !e.Known() || !(e.Value > 0) {
		return math.Inf(1)
	}
	return math.Abs(math.Log(e.Value / r.Limit))
}

// Sum returns a text with the number of gates for each verdict, such as "5 gates: 1 fails, 1 is
// unresolved, 3 hold".
func (r Report) Sum() string {
	n := map[Verdict]int{}
	for _, one := range r.Results {
		n[one.Verdict]++
	}
	var parts []string
	for _, v := range []struct {
		Verdict
		one, many string
	}{{Fails, "fails", "fail"}, {Missing, "is missing data", "are missing data"}, {Unresolved, "is unresolved", "are unresolved"}, {Holds, "holds", "hold"}} {
		if k := n[v.Verdict]; k == 1 {
			parts = append(parts, "1 "+v.one)
		} else if k > 1 {
			parts = append(parts, fmt.Sprintf("%d %s", k, v.many))
		}
	}
	return format.Count(len(r.Results), "gate") + ": " + strings.Join(parts, ", ")
}

// Text writes the report as plain text, for a terminal.
func (r Report) Text(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, note := range r.Notes {
		fmt.Fprintf(b, "%s\n\n", note)
	}
	for _, one := range r.Results {
		fmt.Fprintf(b, "%s%s: %s %s\n", format.Padded(one.Verdict.String(), 12), one.Name, one.subject(), one.limit())
		list, left := one.listed()
		for _, e := range list {
			fmt.Fprintf(b, "  %s%s: %s: %s\n", format.Padded(e.Verdict.String(), 12), e.where(), e.who(), one.found(e))
			for _, n := range e.Notes {
				fmt.Fprintf(b, "    %s\n", n)
			}
		}
		if left > 0 {
			fmt.Fprintf(b, "  %s%s that are farther from the limit\n", format.Padded("holds", 12), format.Count(left, "cell"))
		}
		for _, note := range one.Notes {
			fmt.Fprintf(b, "  note: %s\n", note)
		}
	}
	fmt.Fprintf(b, "\n%s\n", r.Sum())
	return b.Flush()
}

// Markdown writes the report as a Markdown table, for a comment on a pull request.
func (r Report) Markdown(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "**%s**\n\n", r.Sum())
	for _, note := range r.Notes {
		fmt.Fprintf(b, "> %s\n\n", cell(note))
	}
	fmt.Fprint(b, "| gate | verdict | limit | task | strategy | measured |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, one := range r.Results {
		list, left := one.listed()
		for _, e := range list {
			found := one.found(e)
			if len(e.Notes) > 0 {
				found += "; " + strings.Join(e.Notes, "; ")
			}
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", cell(one.Name), bold(e.Verdict), cell(one.subject()+" "+one.limit()), cell(e.where()), cell(e.who()), cell(found))
		}
		if left > 0 {
			fmt.Fprintf(b, "| %s | holds | | | | %s that are farther from the limit |\n", cell(one.Name), format.Count(left, "cell"))
		}
		if len(list) == 0 {
			fmt.Fprintf(b, "| %s | %s | %s | | | |\n", cell(one.Name), bold(one.Verdict), cell(one.subject()+" "+one.limit()))
		}
	}
	for _, one := range r.Results {
		for i, note := range one.Notes {
			if i == 0 {
				fmt.Fprintf(b, "\n%s:\n\n", cell(one.Name))
			}
			fmt.Fprintf(b, "- %s\n", cell(note))
		}
	}
	return b.Flush()
}

// bold returns the verdict as text, in bold type unless it is Holds.
func bold(v Verdict) string {
	if v == Holds {
		return v.String()
	}
	return "**" + v.String() + "**"
}

// cell returns text for a cell of a Markdown table. It replaces characters that would end the cell
// or change its look.
func cell(text string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;", "`", "'").Replace(text)
}

// These types define the JSON document that [Report.JSON] writes. A field is absent from the
// document if it was not measured or does not apply.
type (
	jsonReport struct {
		Schema  int          `json:"schema"`
		Verdict string       `json:"verdict"`
		Notes   []string     `json:"notes,omitempty"`
		Gates   []jsonResult `json:"gates"`
	}
	jsonResult struct {
		Name     string         `json:"name"`
		Line     int            `json:"line"`
		Kind     Kind           `json:"kind"`
		Unit     string         `json:"unit"` // unit of limit and values: a unit of samples.txt, "ns" for METG, or "ratio"
		Baseline string         `json:"baseline,omitempty"`
		AtLeast  *float64       `json:"at_least,omitempty"`
		AtMost   *float64       `json:"at_most,omitempty"`
		Verdict  string         `json:"verdict"`
		Notes    []string       `json:"notes,omitempty"`
		Evidence []jsonEvidence `json:"evidence"`
	}
	jsonEvidence struct {
		Cell    string   `json:"cell"`
		Against string   `json:"against,omitempty"`
		Value   *float64 `json:"value,omitempty"`
		Low     *float64 `json:"low,omitempty"`
		High    *float64 `json:"high,omitempty"`
		N       int      `json:"n"`
		Words   string   `json:"words,omitempty"`
		Verdict string   `json:"verdict"`
		Notes   []string `json:"notes,omitempty"`
	}
)

// schema is the version of the JSON document. It changes if a field changes its meaning.
const schema = 1

// JSON writes the report with all evidence as JSON.
func (r Report) JSON(w io.Writer) error {
	doc := jsonReport{Schema: schema, Verdict: r.Verdict().String(), Notes: r.Notes, Gates: []jsonResult{}}
	for _, one := range r.Results {
		j := jsonResult{Name: one.Name, Line: one.Line, Kind: one.Kind, Unit: one.Unit, Baseline: one.Baseline, Verdict: one.Verdict.String(), Notes: one.Notes, Evidence: []jsonEvidence{}}
		switch one.Kind {
		case SpeedUp, Baseline:
			j.Unit = "ratio"
		case METG:
			j.Unit = "ns"
		}
		if one.AtLeast {
			j.AtLeast = &one.Limit
		} else {
			j.AtMost = &one.Limit
		}
		for _, e := range one.Evidence {
			k := jsonEvidence{Cell: e.Cell.String(), N: e.N, Words: e.Words, Verdict: e.Verdict.String(), Notes: e.Notes}
			if e.Against != (harness.Cell{}) {
				k.Against = e.Against.String()
			}
			if e.Known() {
				k.Value = &e.Value
			}
			if hasInterval(e.Estimate) {
				k.Low, k.High = &e.Lo, &e.Hi
			}
			j.Evidence = append(j.Evidence, k)
		}
		doc.Gates = append(doc.Gates, j)
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(doc)
}
