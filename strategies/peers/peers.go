// Package peers is other people's pools as strategies, each library in a file of its own.
//
// Each is there twice. Natively, under its own name: whole jobs in the idiom that its
// documentation shows, with nothing of ours around them; this is what comparisons are with.
// And, where it has a submit function, as an executor over it, with -job behind the name:
// the same contract as every other strategy, for what the library costs when its users want
// that; see [strategies.Peer] for how little is added. A library that has no submit
// function, or whose function takes a whole job, has no executor: one would have to bring
// the queue, the workers or the order that it is meant to measure.
//
// What each idiom makes of panics, errors and the rest is data, in [Traits]; README.md
// shows it as a table, and the tests hold both to what the libraries do.
package peers

import (
	"github.com/payoff-bench/payoff/strategies/catalog"
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
