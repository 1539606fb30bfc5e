package report

import "github.com/payoff-bench/payoff/harness/analyze"

// A Summary is the head of a report: the run, the quality of its measurement, and its answers.
type Summary struct {
	Run    string   // the suite, the machine, the rounds and the time
	Level  string   // of the measurement: good, warn or bad
	Word   string   // for the level, such as "Good measurement"
	Why    string   // reason for the level
	Answer []string // at most three sentences
}

// Summarize returns the head of the report on an analysis.
func Summarize(a *analyze.Analysis) Summary {
	b := newBadge(a)
	return Summary{headline(a), b.level, b.word, b.text, answer(a)}
}
