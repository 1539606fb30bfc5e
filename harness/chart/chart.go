// Package chart draws the results of an analysis as SVG and PNG with gonum/plot. Each chart
// answers one question, which is its title; the caption has the number of launches, the intervals
// and the machine.
//
// The panels of a chart hold all values that it draws. A strategy has one colour and glyph in all
// charts of a run, and its variants differ by dash and shade. All kinds of charts are rows of one
// table.
package chart

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Chart is a picture that can be written as SVG and PNG, together with the values that it shows.
type Chart struct {
	Kind     string        // stem of the name, such as "efficiency"
	Name     string        // file name without extension, such as "efficiency-spin-2-cores"
	Place    analyze.Place // place of the tasks; it has their grain if all have the same; zero if there are several places
	Question string        // the question that the chart answers
	Caption  string        // how to read the chart, with n, intervals and the machine

	Width, Height float64  // size of the SVG
	Panels        []*Panel // row by row
	across        int      // number of panels in a row
	keys          []entry  // entries of the legend that follow those of the series
}

// A kind draws all charts of one kind, such as all efficiency charts, from an analysis.
type kind func(a *analyze.Analysis) []Chart

var kinds = []kind{
	newKind("decision", "Which strategy is fastest for which task?", decisions, decision),
	newKind("crossover", "At which task sizes does each strategy pay off?", manyGrains, crossover),
	newKind("efficiency", "How coarse must tasks be to use %s well?", curved, efficiency),
	newKind("account", "Where does the core time of a task go?", accounted, account),
	newKind("speedup", "How much faster than a plain loop is the job on more cores?", scalings, speedup),
	newKind("metg", "Do more workers need coarser tasks?", gauged, metg),
	newKind("chunk", "How many tasks should %s hand over at a time?", func(a *analyze.Analysis) []analyze.Chunking { return a.Chunkings }, chunk),
	newKind("regret", "What does a chunk policy cost compared with a well-chosen fixed chunk?", weighed, regret),
	newKind("order", "What does delivery in the order of the inputs cost?", windowed, order),
	newKind("memory", "How much memory do goroutines and worker processes take?", memoryResults, memory),
	newKind("throughput", "How many waiting tasks should run at once?", (*analyze.Analysis).ConcurrenciesByPlace, throughput),
	newKind("response", "How long does a caller wait at each arrival rate?", (*analyze.Analysis).LatenciesByPlace, response),
	newKind("payload", "What does data cost on its way to a worker and back?", scales(analyze.ByPayload), payload),
	newKind("stages", "What does a task with data spend its core time on?", staged, stages),
	newKind("start", "How many tasks must a job have for the start of workers to pay off?", scales(analyze.ByTasks), start),
	newKind("inputs", "How long does the program run for each input?", timed, inputs),
	newKind("payload-side-by-side", "Does it matter how tasks get their data?", func(a *analyze.Analysis) []analyze.Lineup { return a.Lineups }, lineup),
	newKind("predicted", "How well does a cost model predict cells that it has not seen?", foretold, predicted),
}

// newKind returns a kind whose charts answer the given question and have files whose names begin
// with stem. The function needs returns the data of each chart, and draw draws one chart. If there
// is too little data, draw leaves the caption empty, and the kind omits the chart.
func newKind[T any](stem, question string, needs func(*analyze.Analysis) []T, draw func(c *Chart, a *analyze.Analysis, data T)) kind {
	return func(a *analyze.Analysis) (all []Chart) {
		seen := map[string]int{}
		for _, data := range needs(a) {
			c := Chart{Kind: stem, Name: stem, Question: question, Width: 640, Height: 400, across: 1}
			if draw(&c, a, data); c.Caption == "" {
				continue
			}
			if seen[c.Name]++; seen[c.Name] > 1 {
				c.Name += "-" + strconv.Itoa(seen[c.Name])
			}
			c.finish()
			all = append(all, c)
		}
		return all
	}
}

// finish completes a chart whose panels already contain all values: it sets the limits of the axes
// and the position of each panel.
func (c *Chart) finish() {
	c.fitted()
	c.draw(draw.New(vgsvg.New(vg.Length(c.Width), vg.Length(c.Height)))) // records the boxes
}

// All returns all charts for which the analysis has data.
func All(a *analyze.Analysis) (all []Chart) {
	for _, draw := range kinds {
		all = append(all, draw(a)...)
	}
	return all
}

// about sets the place of the chart to p. It appends the task of p and the given words to the name
// of the chart. It appends a description of the tasks and cores, in brackets, to the question.
func (c *Chart) about(p analyze.Place, description string, words ...string) {
	t := p.Task
	add := func(has bool, words string) {
		if has {
			c.Name += "-" + file(words)
		}
	}
	add(true, t.Workload)
	add(t.Payload > 0, strconv.Itoa(t.Payload)+"-bytes")
	add(t.Spread != "", t.Spread)
	add(t.Memory > 0, "on-"+strconv.Itoa(t.Memory))
	add(t.Tasks > 0, format.Count(t.Tasks, "task"))
	add(t.Shape != "", t.Shape)
	add(p.Order != harness.MapOrder && p.Order != "", p.Order)
	for _, w := range words {
		add(true, w)
	}
	c.Place = p
	c.Question += " (" + description + ")"
}

// ofTasks adds the tasks and the number of cores of a cell to the name and the question of the
// chart.
func (c *Chart) ofTasks(cell harness.Cell) {
	place := analyze.PlaceOf(cell)
	where := place.String()
	words := []string{strconv.Itoa(place.Cores) + "-cores"}
	if grain := place.Task.Grain; grain > 0 {
		words = append([]string{strconv.Itoa(grain) + "-ns"}, words...)
		where += ", " + format.RoundTime(float64(grain))
	}
	c.about(place, where, words...)
}

// file returns words as part of a file name. It keeps letters, digits and the characters ._-+ and
// replaces everything else by a hyphen.
func file(words string) string {
	return strings.Join(strings.FieldsFunc(words, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-+", r)
	}), "-")
}

// cores returns the number of cores as text: "2 cores".
func cores(p analyze.Place) string { return format.Count(p.Cores, "core") }

// machine returns a sentence that names the machine and the date of the run.
func machine(a *analyze.Analysis) string {
	i, m := a.Info, a.Info.Machine
	s := "Machine: " + cmp.Or(m.CPU, "machine not recorded")
	add := func(has bool, words string) {
		if has {
			s += ", " + words
		}
	}
	add(m.Cores > 0, format.Count(m.Cores, "core"))
	add(m.GOOS != "", m.GOOS+"/"+m.GOARCH)
	add(i.Go != "", i.Go)
	add(!i.Started.IsZero(), i.Started.Format("2006-01-02"))
	return s + "."
}
