package procs

import (
	"github.com/payoff-bench/payoff/strategies"
)

// An Account is what has become of the tasks and the workers of an executor since New. It
// is plain numbers, for expvar.Func and for logs.
type Account struct {
	strategies.Counts
	Restarts Restarts
	Workers  int // that are able to run tasks now
}

// Account returns the account as it is now. Each part of it is true of some moment while it
// is made.
func (x *Executor) Account() Account {
	return Account{Counts: x.Counts(), Restarts: x.Restarts(), Workers: len(x.PIDs())}
}
