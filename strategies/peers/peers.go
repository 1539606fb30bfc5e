// Package peers provides the pools of other libraries as strategies, each in its own file.
//
// Most libraries have two strategies. The native one has the name of the library and runs whole
// jobs in the idiom of its documentation, with no other code around them; comparisons use it.
// The other one has -job behind the name. It is an executor over the submit function of the
// library, with the same contract as every other strategy, and shows what the library costs
// with that contract; [inproc.Peer] states what it adds. A library has no executor if it has no
// submit function, or one that takes a whole job: the executor would replace the queue, the
// workers or the order that it should measure.
//
// [Traits] describes how each idiom treats panics, errors, cancellation and so on. README.md
// shows it as a table. Tests compare both with the behaviour of the libraries.
package peers

import (
	"context"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Library describes one way to use the library of another author.
type Library struct {
	Import string // path of its package
	Calls  string // functions that its idiom calls
	Code   string // first code of its idiom: Strategy.Code of Native
	Native catalog.Strategy
	Traits Traits
	// Job is the executor over the library. It is zero if there is none; NoJob then gives the
	// reason.
	Job   catalog.Strategy
	NoJob string
}

// Libraries returns all libraries.
func Libraries() []Library {
	return []Library{
		antsLibrary(), pondLibrary(), concPoolLibrary(), concIterLibrary(), concStreamLibrary(),
		errgroupLibrary(), workerpoolLibrary(), loLibrary(), goroutinesLibrary(),
	}
}

// Table returns the strategies of all libraries: first the native ones, then the executors.
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

// row returns a strategy that runs tasks in parallel and balances them over its workers. It calls
// open to make an executor, which has the name of the strategy.
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
