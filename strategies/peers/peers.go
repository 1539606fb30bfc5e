// Package peers has other people's pools as strategies, each library in a file of its own.
//
// Each library is there twice. Natively, under its own name, it runs whole jobs in the idiom of
// its documentation, with no other code around them; comparisons use this form. A library with a
// submit function is also an executor, with -job behind the name and the same contract as every
// other strategy, which shows the cost of the library to users who want that; [inproc.Peer] says
// how little is added. A library without a submit function, or with one that takes a whole job,
// has no executor: it would have to bring the queue, the workers or the order that it is meant
// to measure.
//
// The treatment of panics, errors and the rest by each idiom is data, in [Traits]; README.md
// shows it as a table, and the tests hold both to the behaviour of the libraries.
package peers

import (
	"context"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Library is one way to use somebody's library.
type Library struct {
	Import string // path of its package
	Calls  string // what its idiom calls
	Native catalog.Strategy
	Traits Traits
	// Job is the executor over it; zero where there is none, which NoJob then explains.
	Job   catalog.Strategy
	NoJob string
}

// Libraries returns all of them.
func Libraries() []Library {
	return []Library{
		antsLibrary(), pondLibrary(), concPoolLibrary(), concIterLibrary(), concStreamLibrary(),
		errgroupLibrary(), workerpoolLibrary(), loLibrary(), goroutinesLibrary(),
	}
}

// Table returns the strategies of all libraries: natives first, executors behind them.
func Table() []catalog.Strategy {
	var natives, jobs []catalog.Strategy
	for _, l := range Libraries() {
		natives = append(natives, l.Native)
		if l.NoJob == "" {
			jobs = append(jobs, l.Job)
		}
	}
	return append(natives, jobs...)
}

// native returns the row of a library in its own idiom.
func native(name, doc string, can catalog.Capabilities, open func(workers int) (*catalog.Native, error)) catalog.Strategy {
	return row(name, doc, can, func(workers int) (work.Executor, error) {
		n, err := open(workers)
		if err != nil {
			return nil, err
		}
		n.Name = name
		return n, nil
	})
}

// job returns the row of a library as an executor.
func job(name, doc string, can catalog.Capabilities, open func(workers int) (inproc.Peer, error)) catalog.Strategy {
	can.Limits = true
	return row(name, doc, can, func(workers int) (work.Executor, error) {
		p, err := open(workers)
		if err != nil {
			return nil, err
		}
		p.Name, p.Workers = name, workers
		return p.Executor(), nil
	})
}

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
