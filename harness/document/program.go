package document

import "github.com/payoff-bench/payoff/harness/analyze"

// A Program holds the times that a program took for its inputs. The program was measured as a task.
type Program struct {
	Place  Cell    `json:"place"`
	Of     int     `json:"inputs_in_file"`
	Inputs []Input `json:"inputs"`
}

// An Input holds the time that a program took for one input, with one process at a time.
type Input struct {
	Line   int     `json:"line"`
	Text   string  `json:"text,omitempty"`
	Min    *Number `json:"min,omitempty"`
	Median *Number `json:"median,omitempty"`
	Max    *Number `json:"max,omitempty"`
}

func newProgram(p analyze.Program) Program {
	return Program{place(p.Place), p.Of, each(p.Inputs, func(i analyze.Input) Input {
		number := func(ns float64) *Number {
			return &Number{Value: ns, N: i.N, Unit: "ns"}
		}
		return Input{i.Line, i.Text, number(i.Min), number(i.Median), number(i.Max)}
	})}
}
