package document

import (
	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// A Boundary is the answer of a run of payoff find.
type Boundary struct {
	Goal   string          `json:"goal"`
	A      string          `json:"strategy"`
	B      string          `json:"against"`
	Axis   string          `json:"axis"`
	Target float64         `json:"efficiency,omitempty"`
	Answer string          `json:"answer"`
	At     *Number         `json:"at,omitempty"`
	Up     bool            `json:"above,omitempty"`
	Why    string          `json:"why,omitempty"`
	Points []BoundaryPoint `json:"points"`
}

// A BoundaryPoint is a value at which a search measured.
type BoundaryPoint struct {
	Value   float64 `json:"value"`
	Ratio   float64 `json:"ratio"`
	Verdict string  `json:"verdict"`
	Rounds  int     `json:"rounds"`
}

// newBoundary returns the boundary of a search, or nil if the run is not one.
func newBoundary(s *harness.Search, b *analyze.Boundary) *Boundary {
	if s == nil || b == nil {
		return nil
	}
	out := &Boundary{Goal: s.Goal, A: s.A, B: s.B, Axis: s.Axis, Target: s.Efficiency, Answer: "unresolved", Why: string(b.Why), Points: []BoundaryPoint{}}
	if b.Done {
		out.Answer = map[analyze.CrossKind]string{
			analyze.Crosses: "crossing", analyze.AlwaysA: "always strategy", analyze.AlwaysB: "always against", analyze.AllTied: "tied",
			analyze.TieBand: "tie band", analyze.Parts: "tie band", analyze.Several: "several crossings",
		}[b.Kind]
		out.Up = b.Up
	}
	if b.Kind == analyze.Crosses && b.At.Bounded() {
		unit := s.Axis
		if s.Axis == "grain" {
			unit = "ns"
		}
		out.At = estimate(b.At, unit)
	}
	for _, p := range b.Points {
		out.Points = append(out.Points, BoundaryPoint{p.Value, p.Ratio, p.Verdict.String(), p.Rounds})
	}
	return out
}
