package analyze

import "github.com/payoff-bench/payoff/harness"

// A Foretold is a cell that a model predicted without having used the cell or its task, and that the
// run measured.
type Foretold struct {
	Cell      harness.Cell
	Predicted Estimate // makespan per task in ns, with its 95 % band
	Measured  Estimate // makespan per task in ns, with its 95 % interval
}

// A BreakEven is the work of a task at which, by a model, a strategy takes as long as the loop. It lies
// between measured works.
type BreakEven struct {
	Cell harness.Cell // the strategy with its settings, and of the task only the payload
	At   Estimate     // ns, with its 95 % band
}
