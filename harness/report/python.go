package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// fastestInPython returns the question of a run that measures a Python function, and the fastest
// row that has Python code. ok is false if the run measures no Python function, or if it has no
// such row.
func fastestInPython(a *analyze.Analysis) (q analyze.Question, best analyze.Row, ok bool) {
	if a.Info.Function == nil || a.Settings.Code == nil {
		return q, best, false
	}
	for _, s := range a.Sections {
		if !s.Most || s.Place.Task.Workload != harness.PythonTask {
			continue
		}
		q = s.Questions[0]
		for _, r := range q.Rows {
			if r.Makespan.Known() && a.Settings.Code(r.Cell) != nil && (!ok || r.Makespan.Value < best.Makespan.Value) {
				best, ok = r, true
			}
		}
	}
	return q, best, ok
}

// inPython returns sentences for a run that measures a Python function: which pool and which chunk
// size to use, and how much longer the others take. It returns none for other runs.
func inPython(a *analyze.Analysis) (said []string) {
	q, best, ok := fastestInPython(a)
	if !ok {
		return nil
	}
	name := strings.Replace(pool(q, best.Cell), ", ", " with ", 1)
	use := "In Python use " + name
	if !hasWinner(a, q) {
		use = "In Python " + name + " is ahead so far"
	}
	if best.Cell.Strategy != harness.Direct && best.Speedup.Known() {
		use += ": " + ranged(analyze.Span{Least: best.Speedup, Most: best.Speedup}) + " the speed of a loop"
	}
	var others []string
	for _, r := range q.Rows {
		ratio := q.Versus(r.Cell, best.Cell).Ratio
		if r.Cell == best.Cell || !ratio.Known() {
			continue
		}
		others = append(others, fmt.Sprintf("%s %s", pool(q, r.Cell), ranged(analyze.Span{Least: ratio, Most: ratio})))
	}
	said = []string{use + "."}
	if len(others) > 0 {
		said = append(said, "Times of other ways, relative to "+name+": "+strings.Join(others, "; ")+".")
	}
	return said
}

// pool returns the strategy of a cell and its chunk size as text. It omits the chunk size 1, unless
// the question also has other chunk sizes of the strategy.
func pool(q analyze.Question, c harness.Cell) string {
	chunks := func(r analyze.Row) bool { return r.Cell.Strategy == c.Strategy && r.Cell.Chunk != "1" }
	if c.Chunk == "1" && slices.ContainsFunc(q.Rows, chunks) {
		return choice(c) + ", chunk 1"
	}
	return strings.Replace(choice(c), "chunk auto", "default chunk", 1)
}

// hasWinner reports whether the run may name a winner for question q. It returns false if too few
// rounds are complete, or if other processes took the cores. It also returns false if q.Winner.Why
// says why there is no winner.
func hasWinner(a *analyze.Analysis, q analyze.Question) bool {
	return q.Winner.Why == "" && !a.Busy() && !analyze.Few(a.Complete)
}

// pythonCode returns lines of Python code that run the function of the user in the fastest way. It
// returns nil if the run names no winner.
func pythonCode(a *analyze.Analysis) []string {
	if q, best, ok := fastestInPython(a); ok && hasWinner(a, q) {
		return a.Settings.Code(best.Cell)
	}
	return nil
}

// ofFunction returns the section on a Python function that was measured as a task, with the code of
// the fastest way to call the function.
func ofFunction(a *analyze.Analysis, _ string, _ *pictures) section {
	s := section{title: "How to call the function in Python"}
	f := a.Info.Function
	if f == nil {
		return s
	}
	s.parts = append(s.parts, part{text: fmt.Sprintf("The function is %s, with %s from %s. The loop calls it in one Python process, so a gain over the loop comes from the pool and not from another language.",
		plain(f.Name), format.Count(f.Count, "input"), plain(f.Source))})
	for _, text := range inPython(a) {
		s.parts = append(s.parts, part{text: text})
	}
	if code := pythonCode(a); code != nil {
		s.parts = append(s.parts, part{text: "This code calls the function in the fastest way:"}, part{command: strings.Join(code, "\n")})
	}
	return s
}
