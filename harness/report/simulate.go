package report

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/simulate"
)

// Simulated writes the results of a study: the difference from the measured cells, and a row for
// each number of cores.
func Simulated(w io.Writer, s simulate.Study, checks []simulate.Check, rows []simulate.Row, policies []simulate.Policed) error {
	b := bufio.NewWriter(w)
	var errors []float64
	for _, c := range checks {
		errors = append(errors, math.Abs(c.Error()))
	}
	slices.Sort(errors)
	n := len(errors)
	where := "as many workers as cores"
	if s.RoundTrip > 0 {
		where = fmt.Sprintf("each worker on a machine of its own, with a round trip of %s", format.Time(s.RoundTrip, 2))
	}
	wrappedAt(b, "", fmt.Sprintf("SIMULATED, not measured: %s, tasks of %s, chunk %s, %s, %s in a job.", s.Series.Name(), format.Time(s.Work, 3), s.Policy, where, jobText(s)), screenWidth)
	table := [][]string{{"cores", "time per task", "band", "speed-up", "efficiency", "METG at " + format.Percent(s.Target), "formula"}}
	for _, r := range rows {
		name := fmt.Sprint(r.Cores)
		if r.Cores > simulate.Reach*s.Validated() {
			name = "! " + name
		}
		table = append(table, []string{
			name, format.Time(r.Time.Value, 3), r.Time.Range(), format.Number(s.Work/r.Time.Value, 3),
			format.Percent(math.Round(1000*s.Work/(r.Time.Value*float64(r.Cores))) / 1000), metgText(r.METG), metgText(r.Predicted),
		})
	}
	textTable(b, table)
	wrappedAt(b, "", "The METG includes the cost of a job and of any network. The formula max((o+d)/(1-E), P·d) includes neither: o and d are the costs of a task on a worker and on the dispatcher, E is the efficiency, P the number of workers. "+bend(s), screenWidth)
	if len(policies) > 0 {
		wrappedAt(b, "", fmt.Sprintf("SIMULATED chunk policies on %s, for tasks whose work varies by %s: %s is fastest.", format.Count(s.Cores, "core"), format.Percent(s.Spread), policies[0].Policy), screenWidth)
		table := [][]string{{"chunk", "time per task", "regret"}}
		for _, p := range policies {
			table = append(table, []string{p.Policy.String(), format.Time(p.Time, 3), format.Percent(math.Round(1000*(p.Time/policies[0].Time-1)) / 1000)})
		}
		textTable(b, table)
	}
	wrappedAt(b, "", fmt.Sprintf("Validated on %s of the run, on up to %s: the makespan differs by %s (median) and %s (worst) from the measured one. The costs were fitted to the same cells. The band covers only these errors; for more cores, the simulation uses the costs of %s.",
		format.Count(n, "cell"), format.Count(s.Validated(), "core"), format.Percent(analyze.Median(errors)), format.Percent(errors[n-1]), format.Count(s.Validated(), "core")), screenWidth)
	if s.Cores > simulate.Reach*s.Validated() {
		wrappedAt(b, "", fmt.Sprintf("! marks rows with more than %d times the cores on which the simulation was validated, which --force allows. They may be far off.", simulate.Reach), screenWidth)
	}
	return b.Flush()
}

// jobText returns the number of tasks in the jobs of a study.
func jobText(s simulate.Study) string {
	if s.Tasks > 0 {
		return format.Count(s.Tasks, "task")
	}
	return fmt.Sprintf("%d tasks per worker", simulate.PerWorker)
}

// metgText returns a METG as text.
func metgText(ns float64) string {
	switch {
	case math.IsInf(ns, 1):
		return "not reached"
	case ns <= 0:
		return "0"
	}
	return format.Time(ns, 2)
}

// bend returns the sentence on the number of workers from which the dispatcher, not the workers,
// limits the METG.
func bend(s simulate.Study) string {
	if at := s.Bend(); !math.IsInf(at, 1) {
		return fmt.Sprintf("From %s workers on, P·d exceeds (o+d)/(1-E), so the METG grows with the number of workers.", format.Number(at, 2))
	}
	if s.Steal {
		return "Deques have no dispatcher that could limit the METG on many workers."
	}
	return fmt.Sprintf("The run does not show d, so the formula does not grow with the number of workers. With d = %s, the most that the cells of the run allow, the METG on many workers would be P·d.", format.Time(s.Series.Costs.Fastest, 2))
}
