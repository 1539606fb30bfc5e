package chart

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// gauged returns the groups of sections for METG charts. The sections of a group differ only in the
// number of cores. In each group, at least one strategy has a METG on two or more numbers of cores.
func gauged(a *analyze.Analysis) [][]analyze.Section {
	return slices.DeleteFunc(a.AcrossCores(), func(sections []analyze.Section) bool {
		passes := map[analyze.Series]int{}
		for _, s := range sections {
			for _, curve := range s.Curves {
				if curve.METG.Kind == analyze.Passes {
					passes[acrossCores(curve.Series)]++
				}
			}
		}
		for _, n := range passes {
			if n > 1 {
				return false
			}
		}
		return true
	})
}

// metg draws METG (the smallest task with the target efficiency) against the number of workers. The
// strategies have one worker for each core.
func metg(c *Chart, a *analyze.Analysis, sections []analyze.Section) {
	place := sections[0].Place
	place.Cores = 0
	c.about(place, place.Anywhere())
	target := format.Percent(a.Settings.Efficiency)
	p := &Panel{Form: Lines, X: Axis{Title: "workers, one for each core (log scale)", Unit: Count, Log: true}, Y: Axis{Title: fmt.Sprintf("METG: smallest T·C/N with %s efficiency (log scale)", target), Unit: Time, Log: true}}
	look := newLook(a)
	var lines []Series
	var cores []int
	for _, s := range sections {
		for _, curve := range s.Curves {
			label := acrossCores(curve.Series)
			label.Cores, label.Workers = 1, max(1, label.Workers)
			line := look.of(label, analyze.Brief(label))
			i := slices.IndexFunc(lines, func(o Series) bool { return o.Name == line.Name })
			if i < 0 {
				i = len(lines)
				lines = append(lines, line)
			}
			if curve.METG.Kind == analyze.Passes && lines[i].add(float64(s.Place.Cores), curve.METG.At) {
				cores = append(cores, s.Place.Cores)
			}
		}
	}
	for _, s := range lines {
		p.show(s)
	}
	cores = sorted(cores)
	p.X.ticks = ticksAt(cores)
	c.Panels = []*Panel{p}
	c.tall(380)
	c.Caption = fmt.Sprintf("%s METG includes the overhead of the task. %s", c.ratios(a, "Points interpolated between grains"), machine(a))
}
