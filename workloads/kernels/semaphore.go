package kernels

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// insideUnit is how many tasks were inside a semaphore at once, at most, in a job.
const insideUnit = "inside-most"

// Semaphore waits for grain ns with at most k tasks of the job inside at once, 1 to 1024:
// calls of a service that allows so many connections. More workers than k gain nothing.
// Goroutines take a place in a channel, processes one of k locked files; a process that finds
// none free waits for one of them, and so not always for the one that is free first.
//
// More than k inside are an error of the job.
func Semaphore(k int) workloads.Workload {
	name := fmt.Sprintf("semaphore%d", k)
	return (&sharing{
		open: func(t sharedTask, s *shared) error {
			if k < 1 || k > 1024 {
				return &workloads.ParamError{Workload: name, Param: "places", Value: k, Allowed: "1 to 1024"}
			}
			return s.openPlaces(t, k)
		},
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
				return nil, fmt.Errorf("%d tasks were inside at once, where %d may", most, k)
			case most == 0 || s.word(0).Load() != 0:
				return nil, fmt.Errorf("at most %d tasks were inside, and %d still are", most, s.word(0).Load())
			default:
				return map[string]float64{insideUnit: float64(most)}, nil
			}
		},
	}).workload(workloads.Workload{
		Name:  name,
		Doc:   fmt.Sprintf("waits for a timer with at most %d tasks inside at once: calls of a service that allows so many", k),
		Uses:  "allocates a timer, 260 B in 4 pieces; one cache line moves from core to core",
		Waits: true,
	})
}

// openPlaces opens k places.
func (s *shared) openPlaces(t sharedTask, k int) error {
	if s.here {
		s.room = make(chan struct{}, k)
		return nil
	}
	for i := range k {
		f, err := os.OpenFile(filepath.Join(t.Dir, fmt.Sprintf("place-%d", i)), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		s.files = append(s.files, f)
	}
	return nil
}

// enter takes a place and returns what gives it back.
func (s *shared) enter(ctx context.Context, t sharedTask) (leave func() error, err error) {
	if s.here {
		strategies.Blocking(ctx, func() { err = send(ctx, s.room, struct{}{}) })
		return func() error { <-s.room; return nil }, err
	}
	from := int(t.Index) % len(s.files)
	f := s.files[from]
	leave = func() error { return flock(f, syscall.LOCK_UN) }
	for i := range s.files {
		f = s.files[(from+i)%len(s.files)]
		if err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			return leave, err
		}
	}
	f = s.files[from]
	strategies.Blocking(ctx, func() { err = flock(f, syscall.LOCK_EX) })
	return leave, err
}
