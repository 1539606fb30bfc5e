// Package peers provides the pools of other libraries as strategies. Each library has its own file.
//
// Most libraries have two strategies. The native strategy has the name of the library. It runs
// whole jobs as the documentation of the library shows, with no other code around them. Comparisons
// between libraries use this strategy. The second strategy has the suffix -job. It is an executor
// on top of the submit function of the library, and keeps the same contract as every other
// strategy. It shows what the library costs with that contract; the documentation of [inproc.Peer]
// lists what the executor adds. Some libraries have no executor, because they have no submit
// function, or one that takes a whole job. An executor for such a library would bring its own
// queue, workers or order, and a measurement would not concern the library.
//
// [Traits] describes how each native strategy treats panics, errors, cancellation and so on.
// README.md shows the traits as a table. Tests compare the traits and the table with the behaviour
// of the libraries.
package peers

import (
	"context"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Library describes one way to use the library of another author.
type Library struct {
	Import string // path of the imported package
	Calls  string // functions of the library that Native calls
	Code   string // Go code with which a job of Native begins; Table copies it into Native.Code
	Native catalog.Strategy
	Traits Traits
	// Job is the executor on top of the library. If there is none, Job is zero and NoJob gives the
	// reason.
	Job   catalog.Strategy
	NoJob string
}

// Libraries returns the descriptions of all libraries in this package.
func Libraries() []Library {
	return []Library{
		antsLibrary(), pondLibrary(), concPoolLibrary(), concIterLibrary(), concStreamLibrary(),
		errgroupLibrary(), workerpoolLibrary(), loLibrary(), goroutinesLibrary(),
	}
}

// Table returns the strategies of all libraries. First come the native strategies, which use a
// library as its documentation shows; then the strategies that use a library as an executor.
func Table() []catalog.Strategy {
	var natives, jobs []catalog.Strategy
	for _, l := range Libraries() {
		l.Native.Code = l.Code
		natives = append(natives, l.Native)
		if l.NoJob == "" {
			jobs = append(jobs, l.Job)
		}
	}
	return append(natives, jobs...)
}

// row returns a strategy with the given name and description. In addition to the given
// capabilities, the strategy has the capabilities Parallel and Balances. The function open creates
// executors of the strategy; their name must be the name of the strategy.
func row(name, doc string, can catalog.Capabilities, open func(workers int) (work.Executor, error)) catalog.Strategy {
	can.Parallel, can.Balances = true, true
	return catalog.Strategy{Name: name, Doc: doc, Capabilities: can, New: func(_ context.Context, c catalog.Config) (work.Executor, error) {
		n, err := c.WorkerCount()
		if err != nil {
			return nil, err
		}
		return open(n)
	}}
}
