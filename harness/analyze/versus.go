package analyze

import "github.com/payoff-bench/payoff/harness"

// A versus holds the verdicts of a question: each two of its cells are judged once, and
// whatever is said of the two is read here. There are two families, in each of which the
// chance of any wrong verdict is at most 1-confidence: the strategies against direct, which
// is what most is asked, and the strategies against each other.
type versus map[[2]harness.Cell]Comparison

// newVersus judges each cell against those that stand before it.
func newVersus(t *table, cells []harness.Cell, set Settings) versus {
	out := versus{}
	var keys [2][][2]harness.Cell
	var families, cleaned [2][][]float64
	for j, b := range cells {
		for _, a := range cells[j+1:] {
			f := 1
			if b == direct(b) {
				f = 0
			}
			keys[f] = append(keys[f], [2]harness.Cell{a, b})
			pairs := t.pairs(a, b)
			families[f] = append(families[f], logs(pairs))
			cleaned[f] = append(cleaned[f], logs(clean(pairs)))
		}
	}
	for f, family := range families {
		without := compare(cleaned[f], set.Confidence, set.Margin)
		for i, c := range compare(family, set.Confidence, set.Margin) {
			if w := without[i]; w.Ratio.N < c.Ratio.N && c.differs(w) {
				c.Without = &w
			}
			out[keys[f][i]] = c
		}
	}
	return out
}

// differs reports whether other says something else: another verdict, or a ratio outside the
// interval.
func (c Comparison) differs(other Comparison) bool {
	return c.Verdict != other.Verdict || c.Ratio.Bounded() && other.Ratio.Known() && (other.Ratio.Value < c.Ratio.Lo || other.Ratio.Value > c.Ratio.Hi)
}

// of compares a with b.
func (v versus) of(a, b harness.Cell) Comparison {
	if c, ok := v[[2]harness.Cell{a, b}]; ok {
		return c
	}
	return v[[2]harness.Cell{b, a}].swapped()
}

// swapped returns the comparison of B with A.
func (c Comparison) swapped() Comparison {
	if r := c.Ratio; r.Known() {
		c.Ratio = Estimate{1 / r.Value, 1 / r.Hi, 1 / r.Lo, r.N}
	}
	c.Verdict = c.Verdict.swapped()
	if c.Without != nil {
		w := c.Without.swapped()
		c.Without = &w
	}
	return c
}

func (v Verdict) swapped() Verdict {
	switch v {
	case Better:
		return Worse
	case Worse:
		return Better
	}
	return v
}
