package inproc

import "github.com/payoff-bench/payoff/strategies/work"

// Spawn returns an executor that starts a goroutine for each chunk, like errgroup with a limit. At
// most workers goroutines run at the same time.
func Spawn(workers int) work.Executor {
	n, err := work.WorkerCount(workers)
	if err != nil {
		return work.Refused("spawn", err)
	}
	d := newDispatcher("spawn", n)
	free := make(chan int, n) // semaphore: holds the numbers of free workers
	for w := range n {
		free <- w
	}
	d.hand = func(p *parcel) error {
		w := <-free
		go func() {
			defer func() { free <- w }()
			d.core.Task(w, func() { p.run(d.desks.at(w)) })
		}()
		return nil
	}
	return d
}
