package workloads

import (
	"github.com/payoff-bench/payoff/strategies/work"
)

// All returns the workloads that come with the package. A program with workloads of its
// own appends to it.
func All() []Workload {
	return []Workload{
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

// Kernels returns the kernels of table, for a worker process to serve: as they are, and
// those that take shapes with them too.
func Kernels(table []Workload) []work.Callable {
	var ks []work.Callable
	for _, w := range table {
		ks = append(append(ks, w.Kernel), w.Others...)
	}
	h := &host{}
	for _, w := range table {
		if w.Shapeable() {
			ks = append(ks, shapedCallable{w.Kernel, h})
		}
	}
	return ks
}
