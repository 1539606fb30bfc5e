// Package kernels holds the workloads that need no more than the standard library, each in a
// file of its own named after it. [All] is their table; [Command] runs a program of the user's.
//
// Most compute ([Spin], [SHA256], [Chase] ...), some wait ([Sleep], [Files]), and the tasks of
// some share state ([Lock], [Counter], [Queue] ...), among goroutines and among processes.
package kernels

import "github.com/payoff-bench/payoff/workloads"

// All returns the workloads of this package but [Command]. A program with workloads of its
// own appends to it.
func All() []workloads.Workload {
	return []workloads.Workload{
		Spin(),
		SHA256(),
		Primes(),
		MatMul(),
		Sort(),
		MonteCarlo(),
		Gzip(),
		JSON(),
		Thumbnail(),
		Stream(),
		Chase(),
		Alloc(),
		Sleep(),
		Files(),
		Cached(),
		Lock(10),
		Lock(50),
		Counter(),
		Racy(),
		Semaphore(4),
		Queue(),
	}
}
