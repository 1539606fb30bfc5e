package report

import (
	"bufio"
	"fmt"
	"io"
	"math"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/model"
)

// Predicted writes the predictions of a model for the jobs of p, as a table with the fastest first.
// Predictions outside the range on which they were judged are marked with an exclamation mark.
func Predicted(w io.Writer, p model.Point, all []model.Prediction) error {
	b := bufio.NewWriter(w)
	payload := "no payload"
	if p.Payload > 0 {
		payload = "a payload of " + format.Bytes(p.Payload)
	}
	wrappedAt(b, "", fmt.Sprintf("PREDICTED, not measured: tasks of %s with %s, %s in a job, %s on %s. Bands are those of 95 %%; break-even is the task size from which a strategy is faster than the loop.",
		format.Time(p.Work, 3), payload, format.Count(p.Tasks, "task"), format.Count(p.Workers, "worker"), format.Count(p.Cores, "core")), screenWidth)
	rows := [][]string{{"strategy", "time per task", "band", "speed-up", "break-even", "start"}}
	outside := false
	for _, x := range all {
		name := x.Name
		if len(x.Outside) > 0 {
			name, outside = "! "+name, true
		}
		from := "none"
		if at := x.Series.Costs.BreakEven(x.At); !math.IsInf(at, 1) {
			if from = format.Time(at, 2); at < x.Series.Range.Lo.Work {
				from = "below " + format.Time(x.Series.Range.Lo.Work, 2)
			}
		}
		start := "not measured"
		if x.Start.Known() {
			start = format.Time(x.Start.Value, 2)
			if x.Start.Bounded() {
				start += " (" + format.TimeRangeOf(x.Start.Lo, x.Start.Hi, 2) + ")"
			}
		}
		rows = append(rows, []string{name, format.Time(x.Time.Value, 3), x.Time.Range(), format.Number(p.Work/x.Time.Value, 3), from, start})
	}
	textTable(b, rows)
	if outside {
		wrappedAt(b, "", "! marks predictions outside the range in which predictions were judged, which --force allows. Their bands do not cover the errors outside this range.", screenWidth)
	}
	return b.Flush()
}

// Judged writes the errors of a model's predictions on held-out cells, and the range of these cells.
func Judged(w io.Writer, m model.Model) error {
	b := bufio.NewWriter(w)
	j := m.Judged
	n := len(j.Cells)
	if n == 0 {
		wrappedAt(b, "", fmt.Sprintf("Not judged: each of the %s is outside the range of the others.", format.Count(m.Cells, "cell")), screenWidth)
		return b.Flush()
	}
	sizes := j.Errors()
	text := fmt.Sprintf("Error on held-out cells: median %s, p90 %s, worst %s, bias %+.1f %%, over %s; the band holds %d of them. For each of %s on some cores in turn, the costs were fitted without its cells and then predicted these; %s not predicted: outside the range of the rest, or of a strategy with too few cells.",
		format.Percent(j.Share(0.5)), format.Percent(j.Share(0.9)), format.Percent(sizes[n-1]), 100*j.Bias(), format.Count(n, "cell"), j.Inside(), format.Count(j.Tasks, "task"), isAre(j.Refused, "cell"))
	wrappedAt(b, "", text, screenWidth)
	if j.Winners > 0 {
		wrappedAt(b, "", fmt.Sprintf("Right winner: %d of %s in which the fastest is ahead by over 10 %%.", j.Right, format.Count(j.Winners, "comparison")), screenWidth)
	} else {
		wrappedAt(b, "", "Right winner: in no held-out comparison is the fastest strategy ahead by over 10 %.", screenWidth)
	}
	wrappedAt(b, "", "Fitted on: "+m.Range().String()+". The model covers "+format.Count(m.Cells, "cell")+"; "+isAre(m.Omitted, "cell")+" left out, because their tasks wait, fail, vary or use a given amount of memory.", screenWidth)
	return b.Flush()
}

func isAre(n int, noun string) string {
	if n == 1 {
		return format.Count(n, noun) + " is"
	}
	return format.Count(n, noun) + " are"
}

// Costs writes the costs of each strategy of a model, with their 95 % intervals.
func Costs(w io.Writer, m model.Model) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "Costs: T/N = max(W/P, D, (W+D)/C) + J/N, W = w(1+φ(m-1)) + o + o_c/k + o_b·b + o_m(m-1),\nD = d + d_c/k, m = min(P, C)\n")
	rows := [][]string{{"strategy", "cost", "value", "interval"}}
	for _, s := range m.Series {
		name := s.Name()
		for _, p := range model.Parts() {
			if !s.Costs.Known[p] {
				continue
			}
			e := s.Costs.At[p]
			rows = append(rows, []string{name, p.Symbol() + ", " + p.Meaning(), costText(p, e.Value), costRange(p, e)})
			name = ""
		}
		switch half := s.Costs.Half(); {
		case half > 0:
			rows = append(rows, []string{name, "payload whose bytes cost as much as the rest of the overhead (a/c)", format.Bytes(int(half)), ""})
		}
		if !s.Costs.Known[model.Dispatch] {
			rows = append(rows, []string{name, "d, a task on the dispatcher", "not identifiable", "at most " + format.Time(s.Costs.Fastest, 2)})
		}
	}
	textTable(b, rows)
	for _, l := range m.Lacking {
		fmt.Fprintf(b, "no fit for %s: %s\n", model.Series{Who: l.Who}.Name(), l.Why)
	}
	return b.Flush()
}

func costText(p model.Part, v float64) string {
	switch {
	case p == model.PerFurther:
		return format.Percent(v)
	case v == 0:
		return "0"
	case p == model.PerByte:
		return format.Number(v, 3) + " ns"
	}
	return format.Time(v, 3)
}

func costRange(p model.Part, e analyze.Estimate) string {
	if math.IsInf(e.Hi, 1) {
		return "not identifiable"
	}
	return costText(p, e.Lo) + " to " + costText(p, e.Hi)
}
