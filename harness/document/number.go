package document

import (
	"math"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// A Number is a quantity with its unit. Low and High are the ends of its interval; they are absent
// if it has no interval. N is the number of rounds or launches; it is absent if the quantity is not
// an estimate.
type Number struct {
	Value float64  `json:"value"`
	Low   *float64 `json:"low,omitempty"`
	High  *float64 `json:"high,omitempty"`
	N     int      `json:"n,omitempty"`
	Unit  string   `json:"unit"`
}

// estimate returns an estimate as a [Number] in the given unit, or nil if the estimate is unknown.
func estimate(e analyze.Estimate, unit string) *Number {
	if !e.Known() || !finite(e.Value) {
		return nil
	}
	n := &Number{Value: e.Value, N: e.N, Unit: unit}
	if e.N > 1 && finite(e.Lo) && finite(e.Hi) {
		n.Low, n.High = &e.Lo, &e.Hi
	}
	return n
}

// plain returns v as a [Number] without an interval, or nil if v is not finite.
func plain(v float64, unit string) *Number {
	if !finite(v) {
		return nil
	}
	return &Number{Value: v, Unit: unit}
}

// positive is like plain, but also returns nil if v is 0 or less, which means that the value is
// unknown.
func positive(v float64, unit string) *Number {
	if v <= 0 {
		return nil
	}
	return plain(v, unit)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// A Comparison compares two strategies by the ratio of their values. If the ratio is below 1, the
// first strategy is better.
type Comparison struct {
	Ratio   *Number     `json:"ratio,omitempty"`
	Verdict string      `json:"verdict"`
	Leans   string      `json:"leans,omitempty"`
	P       *float64    `json:"p,omitempty"`
	Within  *Number     `json:"within,omitempty"`
	Rounds  int         `json:"rounds_needed,omitempty"`
	Held    string      `json:"held,omitempty"`
	Without *Comparison `json:"without_contaminated,omitempty"`
}

// comparison returns comparison c in the form of the document, or nil if its ratio is unknown.
func comparison(c analyze.Comparison) *Comparison {
	if !c.Ratio.Known() {
		return nil
	}
	out := &Comparison{Ratio: estimate(c.Ratio, "ratio"), Verdict: c.Verdict.String(), Rounds: c.Rounds, Held: string(c.Held)}
	if c.Leans != analyze.Unresolved {
		out.Leans = c.Leans.String()
	}
	if c.Ratio.Bounded() {
		out.P = &c.P
		out.Within = plain(c.Within, "share")
	}
	if c.Without != nil {
		out.Without = comparison(*c.Without)
	}
	return out
}
