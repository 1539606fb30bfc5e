package strategies

import (
	"context"
	"sync"
)

// ChannelStrategy is the textbook pool: goroutines that range over a channel of jobs.
func ChannelStrategy() Strategy {
	return Strategy{
		Name:         "channel",
		Doc:          "the textbook pool: goroutines that receive chunks from one unbuffered channel",
		Capabilities: Capabilities{Parallel: true, Balances: true, Limits: true},
		New:          func(_ context.Context, c Config) (Executor, error) { return newChannel("channel", c, 0) },
	}
}

// newChannel returns a pool whose channel holds so many chunks.
func newChannel(name string, c Config, capacity int) (Executor, error) {
	n, err := c.WorkerCount()
	if err != nil {
		return nil, err
	}
	d := newDispatcher(name, n)
	chunks := make(chan *chunk, capacity)
	var running sync.WaitGroup
	var work func(at *desk)
	work = func(at *desk) {
		ended := false
		defer func() {
			if ended {
				running.Done()
			} else {
				go work(at) // a task called Goexit
			}
		}()
		for c := range chunks {
			c.run(at)
		}
		ended = true
	}
	running.Add(n)
	for w := range n {
		go work(d.desks.at(w))
	}
	d.hand = func(c *chunk) error { chunks <- c; return nil }
	d.end = func() { close(chunks); running.Wait() }
	return d, nil
}
