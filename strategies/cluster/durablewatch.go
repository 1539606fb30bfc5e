package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A generation is a group of chunks of unnamed jobs. Their messages and records are removed
// together, after all tasks of these chunks have their outcomes.
type generation struct {
	n    int
	used bool
	open int // chunks with tasks that have no outcome
}

// stale makes all lanes look for records that they have missed.
func (x *Durable) stale() {
	for _, l := range x.lanes {
		l.stale.Store(true)
	}
	x.signal()
}

// watch cancels jobs if no worker lives or the server is away for the time Patience, and removes
// old chunks.
func (x *Durable) watch() {
	ticks := time.NewTicker(x.options.Period)
	defer ticks.Stop()
	seen := time.Now()
	for {
		select {
		case <-x.ctx.Done():
			return
		case <-ticks.C:
		}
		x.clean(false)
		for _, l := range x.lanes {
			l.calling.Load().tick(x.conn.IsConnected())
		}
		leases, _ := x.jobs()
		if len(leases) == 0 {
			seen = time.Now()
			continue
		}
		ctx, end := context.WithTimeout(x.ctx, x.options.Period)
		_, err := x.greet(ctx)
		var none *NoWorkersError
		if !errors.As(err, &none) {
			if _, err = x.store.queue.Info(ctx); err != nil {
				err = &JetStreamError{URL: x.options.address(), Err: err}
			}
		}
		end()
		if err == nil {
			seen = time.Now()
			continue
		}
		if time.Since(seen) < x.patience {
			continue
		}
		if !x.conn.IsConnected() {
			err = &ConnectError{URL: x.options.address(), Err: fmt.Errorf("no connection for %v", x.patience)}
		}
		for _, le := range leases {
			le.abandon.Store(true)
			le.job.Cancel(err)
		}
		seen = time.Now() // jobs that start later wait for the whole time Patience
		x.signal()
	}
}

// begin adds a chunk to the newest generation, and returns this generation.
func (x *Durable) begin() *generation {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.now.open++
	x.now.used = true
	return x.now
}

// clean removes the messages and records of generations. If all is false, it removes only
// generations whose tasks all have outcomes.
func (x *Durable) clean(all bool) {
	x.mu.Lock()
	if x.now.used {
		x.old = append(x.old, x.now)
		x.now = &generation{n: x.now.n + 1}
	}
	var rest []string
	x.old = slices.DeleteFunc(x.old, func(g *generation) bool {
		over := g.open == 0 || all
		if over {
			rest = append(rest, fmt.Sprint(x.id, ".", g.n))
		}
		return over
	})
	x.mu.Unlock()
	if len(rest) == 0 {
		return
	}
	ctx, end := context.WithTimeout(context.Background(), lossAfter*x.options.Period)
	defer end()
	for _, pattern := range rest {
		if !x.conn.IsConnected() || x.store.remove(ctx, pattern) != nil {
			return // their messages and records stay on the server
		}
	}
}
