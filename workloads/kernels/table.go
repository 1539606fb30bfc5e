// Package kernels holds the workloads that need only the standard library. [All] lists them, except
// [Command], which runs a program of the user.
//
// Most workloads compute and share no state; see computing.go. They use no data (spin, primes,
// ...), data that is sent with the task (sha256, thumbnail), or memory (stream, chase, alloc). Some
// workloads wait for a timer (sleep) or for the disk (files, cached). The tasks of lock, counter,
// racy, semaphore and queue share state, among goroutines or among processes; see shared.go. Some
// observe the pool: what its worker processes inherit (inherited) and how many tasks each worker
// runs (tally). In overlap and await, the caller of a job works too.
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
		newInherited(),
		newTally(),
		newOverlap("overlap", "computes like spin, while the caller of the job computes too, half as long as all tasks together", true),
		newOverlap("await", "works like overlap, but the caller waits for the results before it computes", false),
	}
}
