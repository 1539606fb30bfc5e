package workloads

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// InsideUnit is how many tasks were inside a semaphore at once, at most, in a job.
const InsideUnit = "inside-most"

// Semaphore waits for grain ns with at most k tasks of the job inside at once, 1 to 1024:
// calls of a service that allows so many connections. More workers than k gain nothing.
// Goroutines take a place in a channel, processes one of k locked files; a process that finds
// none free waits for one of them, and so not always for the one that is free first.
//
// More than k inside are an error of the job.
func Semaphore(k int) Workload {
	all := &places{k: k}
	w := Workload{
		Name:  fmt.Sprintf("semaphore%d", k),
		Doc:   fmt.Sprintf("waits for a timer with at most %d tasks inside at once: calls of a service that allows so many", k),
		Uses:  "allocates a timer, 260 B in 4 pieces; one cache line moves from core to core",
		Waits: true,
	}
	w = sharing(w, func(ctx context.Context, t Share, s *shared) (o Outcome, err error) {
		leave, err := all.enter(ctx, t, s)
		if err != nil {
			return o, err
		}
		now, most := s.word(0).Add(1), s.word(1)
		for seen := most.Load(); seen < now && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		o, err = t.slept(strategies.Wait(ctx, time.Duration(t.Steps)))
		s.word(0).Add(^uint64(0))
		return o, errors.Join(err, leave())
	}, func(s *shared, tasks int) (map[string]float64, error) {
		switch most := s.word(1).Swap(0); {
		case most > uint64(k):
			return nil, fmt.Errorf("%d tasks were inside at once, where %d may", most, k)
		case most == 0 || s.word(0).Load() != 0:
			return nil, fmt.Errorf("at most %d tasks were inside, and %d still are", most, s.word(0).Load())
		default:
			return map[string]float64{InsideUnit: float64(most)}, nil
		}
	})
	inner := w.New
	w.New = func(p Params) (Load, error) {
		if k < 1 || k > 1024 {
			return nil, &ParamError{w.Name, "places", k, "1 to 1024"}
		}
		l, err := inner(p)
		if err != nil {
			return nil, err
		}
		t := l.(*Typed[Share, Waited])
		free, made := t.Free, t.Input(0, 1)
		if err := all.make(made); err != nil {
			return nil, errors.Join(err, l.Close())
		}
		t.Free = func() error { return errors.Join(all.free(made), free()) }
		return t, nil
	}
	return w
}

// places are the k places of each job, by path, as a process has them.
type places struct {
	k    int
	here keyed[chan struct{}]
	held keyed[[]*os.File]
}

func (p *places) file(t Share, i int) string { return fmt.Sprintf("%s.%d", t.Path, i) }

// make makes the files of a job.
func (p *places) make(t Share) error {
	for i := range p.k {
		if err := os.WriteFile(p.file(t, i), nil, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (p *places) free(t Share) (err error) {
	p.here.drop(t.Path)
	for _, f := range p.held.drop(t.Path) {
		err = errors.Join(err, f.Close())
	}
	for i := range p.k {
		err = errors.Join(err, os.Remove(p.file(t, i)))
	}
	return err
}

// enter takes a place and returns what gives it back.
func (p *places) enter(ctx context.Context, t Share, s *shared) (leave func() error, err error) {
	if s.here {
		c, _ := p.here.of(t.Path, func() (chan struct{}, error) { return make(chan struct{}, p.k), nil })
		strategies.Blocking(ctx, func() {
			select {
			case c <- struct{}{}:
			case <-ctx.Done():
				err = context.Cause(ctx)
			}
		})
		return func() error { <-c; return nil }, err
	}
	files, err := p.held.of(t.Path, func() (all []*os.File, err error) {
		for i := range p.k {
			f, err := os.Open(p.file(t, i))
			if err != nil {
				return nil, err
			}
			all = append(all, f)
		}
		return all, nil
	})
	if err != nil {
		return nil, err
	}
	from := int(t.Index) % p.k
	for i := range p.k {
		f := files[(from+i)%p.k]
		if err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			return func() error { return flock(f, syscall.LOCK_UN) }, nil
		} else if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, err
		}
	}
	f := files[from]
	strategies.Blocking(ctx, func() { err = flock(f, syscall.LOCK_EX) })
	return func() error { return flock(f, syscall.LOCK_UN) }, err
}
