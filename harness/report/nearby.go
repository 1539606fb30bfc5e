package report

import (
	"bufio"
	"fmt"
	"io"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/model"
)

// Nearby writes which strategy to use according to the predictions of a model, the fastest first. They
// are for a task between or near the tasks of a run. code holds the lines of Go code of the fastest,
// and source names the run.
func Nearby(w io.Writer, n harness.Need, all []model.Prediction, m model.Model, code []string, source string) error {
	b := bufio.NewWriter(w)
	best := all[0]
	what := fmt.Sprintf("tasks that compute, %s in a loop", format.Time(float64(n.CPU), 2))
	if n.Payload > 0 {
		what += " with a payload of " + format.Bytes(n.Payload)
	}
	what += ", " + format.Count(best.At.Cores, "core")
	use := "use the loop (direct); no strategy is faster"
	if best.Time.Value < best.At.Work {
		use = fmt.Sprintf("use %s, %s", best.Name, gains(best))
	} else {
		code = nil
	}
	wrappedAt(b, "", fmt.Sprintf("PREDICTED, not measured: %s: %s.", what, use), screenWidth)
	if best.Time.Lo < best.At.Work && best.At.Work <= best.Time.Hi {
		wrappedAt(b, "", "The band contains the time in a loop, so the sign of the difference is open.", screenWidth)
	}
	for _, x := range all[1:] {
		if analyze.KindOf(x.Cell()) != analyze.KindOf(best.Cell()) {
			wrappedAt(b, "", fmt.Sprintf("Best strategy of another kind: %s, %s.", x.Name, gains(x)), screenWidth)
			break
		}
	}
	if len(best.Outside) > 0 {
		wrappedAt(b, "", "Near the measured tasks, not between them: "+best.Outside[0]+". The band has the errors of predictions that go at least as far.", screenWidth)
	} else if len(m.Judged.Cells) > 0 {
		wrappedAt(b, "", fmt.Sprintf("Bands are 95 %%; the error on held-out cells is %s (median) and %s (p90).", format.Percent(m.Judged.Share(0.5)), format.Percent(m.Judged.Share(0.9))), screenWidth)
	}
	for i, line := range code {
		fmt.Fprintf(b, "%s%s\n", [2]string{"Code: ", "      "}[min(i, 1)], line)
	}
	wrappedAt(b, "", source, screenWidth)
	return b.Flush()
}

// NearbyText returns a sentence with the prediction of a model for the strategy of cell c, or "" if there
// is none.
func NearbyText(all []model.Prediction, c harness.Cell) string {
	for _, x := range all {
		of := x.Cell()
		of.Task = c.Task
		if of == c {
			return fmt.Sprintf("Predicted by a cost model: %s takes %s per task (%s), %s.", x.Name, format.Time(x.Time.Value, 3), x.Time.Range(), gains(x))
		}
	}
	return ""
}

// gains returns the predicted speed-up over a loop as text: "1.98 × faster (1.90 to 2.06)".
func gains(x model.Prediction) string {
	g := x.Time.Under(x.At.Work)
	word := "faster"
	if g.Value < 1 {
		g, word = g.Under(1), "slower"
	}
	return fmt.Sprintf("%s × %s (%s to %s)", format.Number(g.Value, 3), word, format.Number(g.Lo, 3), format.Number(g.Hi, 3))
}
