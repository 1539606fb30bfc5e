package compare

import (
	"io"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// These types define the JSON document that [Write] writes for a [Table] in the format json. A field
// is absent from the document if it was not measured or does not apply.
type (
	jsonTable struct {
		Schema     int           `json:"schema"`
		Title      string        `json:"title"`
		Old        Side          `json:"old"`
		New        Side          `json:"new"`
		Outcome    string        `json:"outcome"` // outcome without --strict
		Margin     float64       `json:"margin"`
		Confidence float64       `json:"confidence"`
		Refusals   []string      `json:"refusals,omitempty"`
		Warnings   []string      `json:"warnings,omitempty"`
		Notes      []string      `json:"notes,omitempty"`
		Rows       []jsonRow     `json:"rows"`
		Floor      []jsonRow     `json:"floor,omitempty"`
		Missing    []jsonMissing `json:"missing,omitempty"`
	}
	jsonRow struct {
		Name    string            `json:"name"`
		Axes    map[string]string `json:"axes,omitempty"`
		Unit    string            `json:"unit"`
		Better  string            `json:"better,omitempty"`
		Old     *jsonNumber       `json:"old,omitempty"`
		New     *jsonNumber       `json:"new,omitempty"`
		Ratio   *jsonNumber       `json:"ratio,omitempty"` // new divided by old
		Verdict string            `json:"verdict"`
		Leans   string            `json:"leans,omitempty"`
		P       *float64          `json:"p,omitempty"`
		Wanted  int               `json:"launches_needed,omitempty"`
		Gate    bool              `json:"gate"`
		Doubts  []string          `json:"doubts,omitempty"`
	}
	jsonNumber struct {
		Value float64  `json:"value"`
		Low   *float64 `json:"low,omitempty"`
		High  *float64 `json:"high,omitempty"`
		N     int      `json:"n"`
	}
	jsonMissing struct {
		Name string `json:"name"`
		Unit string `json:"unit,omitempty"`
		Side string `json:"missing_in"`
		Hint string `json:"hint,omitempty"`
	}
)

// schema is the version of the JSON document. It changes if a field changes its meaning.
const schema = 1

// document writes the table as a JSON document.
func document(w io.Writer, t *Table) error {
	d := jsonTable{Schema: schema, Title: t.Title, Old: t.Old, New: t.New, Outcome: t.Exit(false).String(), Margin: t.Margin, Confidence: t.Confidence,
		Refusals: t.Refusals, Warnings: t.Warnings, Notes: t.Notes, Rows: jsonRows(t.Rows), Floor: jsonRows(t.Floor)}
	for _, m := range t.Missing {
		d.Missing = append(d.Missing, jsonMissing(m))
	}
	return indented(w, d)
}

func (o Outcome) String() string { return [...]string{"passed", "worse", "refused", "open"}[o] }

// jsonRows converts the rows of a table to the form that they have in the JSON document.
func jsonRows(rows []Row) []jsonRow {
	out := make([]jsonRow, len(rows))
	for i, r := range rows {
		j := jsonRow{Name: r.Name, Unit: r.Unit, Better: r.Better, Old: number(r.Old), New: number(r.New), Ratio: number(r.Ratio),
			Verdict: r.Verdict.String(), Wanted: r.Rounds, Gate: r.decides(), Doubts: r.Doubts}
		for _, axis := range r.Axes() {
			if j.Axes == nil {
				j.Axes = map[string]string{}
			}
			j.Axes[axis[0]] = axis[1]
		}
		if r.Better == "" {
			j.Verdict = r.Words()
		}
		if r.Leans != analyze.Unresolved {
			j.Leans = r.Leans.String()
		}
		if r.Ratio.Bounded() {
			p := r.P
			j.P = &p
		}
		out[i] = j
	}
	return out
}

// number converts an estimate to the form that it has in the JSON document. It returns nil for an
// estimate without a finite value.
func number(e analyze.Estimate) *jsonNumber {
	if !e.Known() || !finite(e.Value) {
		return nil
	}
	n := &jsonNumber{Value: e.Value, N: e.N}
	if e.Bounded() {
		lo, hi := e.Lo, e.Hi
		n.Low, n.High = &lo, &hi
	}
	return n
}
