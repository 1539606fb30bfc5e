// Package kernels holds the workloads that need only the standard library, each in a file with its
// name. [All] lists them. [Command] runs a program of the user.
//
// Most workloads compute, without shared state: on no data (spin, primes, ...), on data that is
// sent with the task (sha256, thumbnail) or on memory (stream, chase, alloc); see computing.go.
// Some wait for a timer (sleep) or the disk (files, cached). The tasks of lock, counter, racy,
// semaphore and queue share state, among goroutines or among processes; see shared.go.
package kernels

import "github.com/payoff-bench/payoff/workloads"

// All returns all workloads of this package except [Command], which needs a program.
func All() []workloads.Workload {
	return []workloads.Workload{
		newSpin(),
		newSHA256(),
		newPrimes(),
		newMatMul(),
		newSort(),
		newMonteCarlo(),
		newGzip(),
		newJSON(),
		newThumbnail(),
		newStream(),
		newChase(),
		newAlloc(),
		newSleep(),
		newFiles(),
		newCached(),
		newLock(10),
		newLock(50),
		newCounter(),
		newRacy(),
		newSemaphore(4),
		newQueue(),
	}
}
