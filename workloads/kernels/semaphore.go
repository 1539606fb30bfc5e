package kernels

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// insideUnit is the unit of the largest number of tasks that held a place of the semaphore at the
// same time.
const insideUnit = "inside-most"

// newSemaphore returns the workload semaphore with k places. A task holds a place while it waits
// for grain ns, so at most k tasks wait at the same time. Calls of a service that allows k
// connections work like this. More than k workers bring no benefit.
//
// Goroutines take a place in a channel; processes lock one of k files. If all files are locked, a
// process waits for one particular file, even if another file becomes free earlier. If more than k
// tasks hold a place at the same time, the job reports an error.
func newSemaphore(k int) workloads.Workload {
	return (&sharing{
		places: k,
		run: func(ctx context.Context, t sharedTask, s *shared) (o workloads.Outcome, err error) {
			leave, err := s.enter(ctx, t)
			if err != nil {
				return o, err
			}
			now, most := s.word(0).Add(1), s.word(1)
			for seen := most.Load(); seen < now && !most.CompareAndSwap(seen, now); seen = most.Load() {
			}
			o, err = slept(t.Task, strategies.Wait(ctx, time.Duration(t.Steps)))
			s.word(0).Add(^uint64(0))
			return o, errors.Join(err, leave())
		},
		look: func(s *shared, tasks int) (map[string]float64, error) {
			switch most := s.word(1).Swap(0); {
			case most > uint64(k):
				return nil, fmt.Errorf("%d tasks held a place of the semaphore at the same time, but it has only %d places", most, k)
			case most == 0 || s.word(0).Load() != 0:
				return nil, fmt.Errorf("the semaphore counted wrongly: at most %d tasks held a place at once, and %d still hold one after the job", most, s.word(0).Load())
			default:
				return map[string]float64{insideUnit: float64(most)}, nil
			}
		},
	}).workload(workloads.Workload{
		Name:  fmt.Sprintf("semaphore%d", k),
		Doc:   fmt.Sprintf("waits for a timer, at most %d tasks at the same time: like calls of a service with that limit", k),
		Uses:  "allocates a timer, 260 B in 4 allocations; one cache line moves from core to core",
		Waits: true,
	})
}

// enter waits for a place in the semaphore and takes it. It returns a function that gives the place
// back. If ctx ends first, a goroutine stops waiting and enter returns the cause of ctx. A worker
// process keeps waiting.
func (s *shared) enter(ctx context.Context, t sharedTask) (leave func() error, err error) {
	if s.here {
		strategies.Blocking(ctx, func() { err = send(ctx, s.room, struct{}{}) })
		return func() error { <-s.room; return nil }, err
	}
	from := int(t.Index) % len(s.places)
	f := s.places[from]
	leave = func() error { return flock(f, syscall.LOCK_UN) }
	for i := range s.places {
		f = s.places[(from+i)%len(s.places)]
		if err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			return leave, err
		}
	}
	f = s.places[from]
	strategies.Blocking(ctx, func() { err = flock(f, syscall.LOCK_EX) })
	return leave, err
}
