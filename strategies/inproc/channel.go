package inproc

import (
	"runtime/pprof"
	"sync"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Channel returns the worker pool that many Go programs write: goroutines that receive chunks from
// one unbuffered channel.
func Channel(workers int) work.Executor { return channel("channel", workers, 0) }

// Buffered returns the worker pool that many Go programs write, with a buffer: goroutines that
// receive chunks from one buffered channel.
func Buffered(workers int) work.Executor { return channel("buffered", workers, bufferedChunks) }

// bufferedChunks is the capacity of the channel of Buffered, as in most tutorials. With this
// buffer, sender and workers need not sleep at every chunk, and yet the number of waiting chunks
// stays bounded. Other tutorials use a capacity that holds the whole job.
const bufferedChunks = 100

// channel returns an executor with the given strategy name, whose workers receive chunks from one
// channel. The buffer of the channel has room for capacity chunks.
func channel(name string, workers, capacity int) work.Executor {
	n, err := work.WorkerCount(workers)
	if err != nil {
		return work.Refused(name, err)
	}
	d := newDispatcher(name, n)
	parcels := make(chan *parcel, capacity)
	var running sync.WaitGroup
	var receive func(at *desk)
	receive = func(at *desk) {
		ended := false
		defer func() {
			if ended {
				running.Done()
			} else {
				go receive(at) // a task called Goexit; a new goroutine continues
			}
		}()
		d.core.Task(at.w, func() {
			labelled := uint64(0) // number of the job whose profiler labels this goroutine has
			for p := range parcels {
				if p.lease.number != labelled {
					labelled = p.lease.number
					pprof.SetGoroutineLabels(p.lease.ctx)
				}
				p.run(at)
			}
		})
		ended = true
	}
	running.Add(n)
	for w := range n {
		go receive(d.desks.at(w))
	}
	d.hand = func(p *parcel) error { parcels <- p; return nil }
	d.end = func() { close(parcels); running.Wait() }
	return d
}
