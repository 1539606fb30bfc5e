package chart

import (
	"fmt"
	"math"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/simulate"
)

// Simulated returns the charts of a study: METG against workers, with the bend of the formula, and
// efficiency against cores. Their titles say that the values are simulated. info describes the run to
// whose cells the costs were fitted.
func Simulated(info harness.Info, s simulate.Study, rows []simulate.Row) (all []Chart) {
	for _, c := range []Chart{simulatedMETG(s, rows), simulatedEfficiency(s, rows)} {
		if len(c.Panels[0].Series) == 0 {
			continue
		}
		c.Width, c.Height, c.across = 640, 400, 1
		c.Caption += fmt.Sprintf(" SIMULATED with costs fitted to a run on up to %s.", format.Count(s.Validated(), "core"))
		if s.Cores > simulate.Reach*s.Validated() {
			c.Caption += fmt.Sprintf(" Beyond %s the simulation is not validated, and forced.", format.Count(simulate.Reach*s.Validated(), "core"))
		}
		c.Caption += " " + machine(&analyze.Analysis{Info: info})
		c.finish()
		all = append(all, c)
	}
	return all
}

// simulatedMETG draws the METG of the simulation and of the formula. An upright ruler marks the number
// of workers at which the formula bends.
func simulatedMETG(s simulate.Study, rows []simulate.Row) Chart {
	p := &Panel{Form: Lines, X: countAxis("workers, one for each core (log scale)", rows), Y: Axis{Title: fmt.Sprintf("METG: smallest T·C/N with %s efficiency (log scale)", format.Percent(s.Target)), Unit: Time, Log: true}}
	simulated, formula := Series{Name: "simulated, with the cost of a job", Style: 1}, Series{Name: "formula max((o+d)/(1−E), P·d)", Style: 2, Variant: 1}
	for _, r := range rows {
		simulated.add(float64(r.Cores), analyze.Estimate{Value: r.METG, N: 1})
		formula.add(float64(r.Cores), analyze.Estimate{Value: r.Predicted, N: 1})
	}
	p.show(simulated)
	p.show(formula)
	caption := "The METG is the smallest granularity at which the strategy uses the cores well; the formula knows neither the cost of a job nor a network."
	bend := s.Bend()
	switch {
	case bend > 1 && bend < float64(rows[len(rows)-1].Cores):
		p.Rulers = append(p.Rulers, Ruler{Upright, bend, fmt.Sprintf("bend: from %s workers on, the dispatcher limits the METG", format.Number(bend, 2))})
	case !math.IsInf(bend, 1):
		caption += fmt.Sprintf(" The formula bends at %s workers.", format.Number(bend, 2))
	case s.Steal:
		caption += " Deques have no dispatcher, so the METG has no bend."
	default:
		caption += " The run does not show the cost of the dispatcher, so the formula has no bend."
	}
	return Chart{Kind: "simulated", Name: "simulated-metg", Question: "SIMULATED: do more workers need coarser tasks? (" + s.Series.Name() + ")", Caption: caption, Panels: []*Panel{p}}
}

// simulatedEfficiency draws the efficiency of the simulation with its band, and that of measured cells
// with the same task and as many workers as cores.
func simulatedEfficiency(s simulate.Study, rows []simulate.Row) Chart {
	p := &Panel{Form: Lines, X: countAxis("cores, with a worker for each (log scale)", rows), Y: Axis{Title: "efficiency: N·w / (C·T)", Unit: Share}}
	simulated, measured := Series{Name: "simulated", Style: 1}, Series{Name: "measured", Style: neutral, Loose: true}
	for _, r := range rows {
		simulated.add(float64(r.Cores), r.Time.Under(s.Work/float64(r.Cores)))
	}
	for _, m := range s.Series.Cells {
		if s.Like(m) {
			measured.add(float64(m.At.Cores), m.Time.Under(m.At.Work/float64(m.At.Cores)))
		}
	}
	p.show(simulated)
	p.show(measured)
	p.Y.Max = max(1.08, 1.04*highest(p))
	p.Rulers = []Ruler{{Level, s.Target, format.Percent(s.Target) + ", the target of the METG"}}
	caption := fmt.Sprintf("Tasks of %s, chunk %s. Whiskers of the simulation are the errors on measured cells.", format.Time(s.Work, 3), s.Policy)
	if len(measured.Points) == 0 {
		caption += " The run has no cell of this task."
	}
	return Chart{Kind: "simulated", Name: "simulated-efficiency", Question: "SIMULATED: how well does " + s.Series.Name() + " use more cores?", Caption: caption, Panels: []*Panel{p}}
}

func countAxis(title string, rows []simulate.Row) Axis {
	var counts []int
	for _, r := range rows {
		counts = append(counts, r.Cores)
	}
	return Axis{Title: title, Unit: Count, Log: true, ticks: ticksAt(counts)}
}
