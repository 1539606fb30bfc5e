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
		Capabilities: Capabilities{Parallel: true},
		New:          func(_ context.Context, c Config) (Executor, error) { return newChannel(c) },
	}
}

func newChannel(c Config) (Executor, error) {
	n, err := c.workers()
	if err != nil {
		return nil, err
	}
	d := newDispatcher("channel", n)
	chunks := make(chan chunk)
	var running sync.WaitGroup
	var work func(w int)
	work = func(w int) {
		ended := false
		defer func() {
			if ended {
				running.Done()
			} else {
				go work(w) // a task called Goexit
			}
		}()
		for c := range chunks {
			c.run(w)
		}
		ended = true
	}
	running.Add(n)
	for w := range n {
		go work(w)
	}
	d.hand = func(c chunk) bool {
		select {
		case chunks <- c:
			return true
		case <-c.lease.letGo:
			return false
		}
	}
	d.end = func() { close(chunks); running.Wait() }
	return d, nil
}
