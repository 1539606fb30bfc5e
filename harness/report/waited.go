package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// waited says of tasks that wait how many at once pay off, and how long callers wait.
func waited(a *analyze.Analysis) (said []string) {
	for _, c := range a.Concurrencies {
		if l := c.Levels[0]; c.Unbound() {
			said = append(said, fmt.Sprintf("%s: %s does %s with %s, %s tasks under way at once on average (n = %d).", where(c.Who), plainly(c.Who), rate(l.Throughput),
				analyze.Count(l.Workers, "worker"), analyze.Number(l.UnderWay.Value, 2), l.Throughput.N))
			continue
		}
		last := c.Levels[len(c.Levels)-1]
		most := c.Levels[0]
		for _, l := range c.Levels {
			if l.Throughput.Value > most.Throughput.Value {
				most = l
			}
		}
		s := fmt.Sprintf("%s: %s does the most, %s, with %s", where(c.Who), plainly(c.Who), rate(most.Throughput), analyze.Count(most.Workers, "worker"))
		switch {
		case most.Workers < last.Workers && (c.Knee == 0 || float64(most.Workers) <= c.Knee):
			s += ": more do not help"
		case c.Knee > 0:
			s += fmt.Sprintf("; from about %.0f on more gain little", c.Knee)
		case most.Workers == last.Workers:
			s += ", which is as many as were measured"
		}
		said = append(said, fmt.Sprintf("%s (n = %d).", s, most.Throughput.N))
	}
	for _, l := range a.Latencies {
		var at []string
		behind := ""
		for i, r := range l.Responses {
			if r.Behind() {
				behind = fmt.Sprintf("; from %d a second on tasks come faster than they are done", r.Rate)
				break
			}
			if ends := i == 0 || i == len(l.Responses)-1 || l.Responses[i+1].Behind(); ends {
				at = append(at, fmt.Sprintf("at %d a second half have their outcome within %s and 99 %% within %s", r.Rate, span(r.P50), span(r.P99)))
			}
		}
		if len(at) == 0 {
			at = []string{"at no rate that was measured did it keep up"}
		}
		said = append(said, fmt.Sprintf("%s, tasks that come by themselves: %s, %s: %s%s (n = %d).", where(l.Who), plainly(l.Who),
			analyze.Count(l.Who.Workers, "worker"), strings.Join(at, "; "), behind, l.Responses[0].Throughput.N))
	}
	return said
}

// where names tasks, and the cores that they run on.
func where(c harness.Cell) string {
	s := analyze.PlaceOf(c).Work()
	if c.Grain > 0 {
		s += ", nominal " + analyze.Time(float64(c.Grain), 3)
	}
	return s + ", on " + analyze.Count(c.Cores, "core")
}

// plainly is a label without order and number of workers.
func plainly(c harness.Cell) string {
	c.Workers = c.Cores
	return label(c)
}

// rate is a throughput with its interval.
func rate(e analyze.Estimate) string {
	whole := func(v float64) string { // to three digits
		if unit := math.Pow(10, math.Floor(math.Log10(v))-2); unit > 1 {
			v = math.Round(v/unit) * unit
		}
		return analyze.Number(v, 3)
	}
	if e.Bounded() && e.Lo < e.Hi {
		return fmt.Sprintf("%s (%s to %s) a second", whole(e.Value), whole(e.Lo), whole(e.Hi))
	}
	return whole(e.Value) + " a second"
}
