package analyze

import (
	"cmp"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Program holds the times that a program took for its inputs. The program was measured as a task,
// with one process at a time.
type Program struct {
	Place  Place
	Of     int // number of inputs in the file
	Inputs []Input
}

// An Input holds the time that a program took for one input, in ns. It summarizes the launches of
// the direct loop that were not starved.
type Input struct {
	Line             int    // in the file of inputs, from 1
	Text             string // beginning of the line
	Min, Median, Max float64
	N                int // launches
}

// Range returns the shortest, the middle and the longest of the median times of all inputs.
func (p Program) Range() (least, middle, most float64) {
	medians := mapped(p.Inputs, func(i Input) float64 { return i.Median })
	return slices.Min(medians), Median(medians), slices.Max(medians)
}

// programs returns a Program for each program that was measured as a task. It uses the launches on
// the largest number of cores. The inputs of a Program are in the order of the
// lines of the input file.
func programs(info harness.Info, samples []harness.Sample) (all []Program) {
	for _, job := range info.Jobs {
		loops := only(samples, func(s harness.Sample) bool {
			return s.Cell.Task == job.Task && isDirect(s.Cell) && !s.Starved() && len(s.Inputs) > 0 && len(s.Inputs) == len(job.Inputs.Lines)
		})
		if len(loops) == 0 {
			continue
		}
		most := slices.MaxFunc(loops, func(a, b harness.Sample) int { return a.Cell.Cores - b.Cell.Cores }).Cell
		loops = only(loops, func(s harness.Sample) bool { return s.Cell == most })
		p := Program{Place: PlaceOf(most), Of: job.Inputs.Of}
		for i, line := range job.Inputs.Lines {
			times := mapped(loops, func(s harness.Sample) float64 { return s.Inputs[i] })
			in := Input{Line: line, Min: slices.Min(times), Median: Median(times), Max: slices.Max(times), N: len(times)}
			if i < len(job.Inputs.Texts) {
				in.Text = job.Inputs.Texts[i]
			}
			if !math.IsNaN(in.Median) {
				p.Inputs = append(p.Inputs, in)
			}
		}
		slices.SortFunc(p.Inputs, func(a, b Input) int { return cmp.Compare(a.Line, b.Line) })
		all = append(all, p)
	}
	return all
}

// Chosen returns the numbers of the input lines that the run measures, in order, and the number of
// all input lines of the program. If the run measures no program, it returns nil and 0.
func (a *Analysis) Chosen() (lines []int, all int) {
	for _, job := range a.Info.Jobs {
		if job.Inputs.Of > 0 {
			return slices.Sorted(slices.Values(job.Inputs.Lines)), job.Inputs.Of
		}
	}
	return nil, 0
}
