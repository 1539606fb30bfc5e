package strategies

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// within runs f, for no longer than limit: a task that is still running then gets a
// [TimeoutError] and goes on as a stray, whose outcome nobody sees. The channel is nil if
// there is no stray, else it is closed when the stray returns.
//
// A goroutine cannot be ended by force, so the task has one that can be left behind. That
// costs about a microsecond, and only jobs with a limit pay it. Rejected: a deadline that
// only the task's context knows, since then a task that does not listen has none.
func within[In, Out any](ctx context.Context, limit time.Duration, lost *atomic.Int64, f func(context.Context, In) (Out, error), in In) (stray <-chan struct{}, v Out, err error) {
	type outcome struct {
		v     Out
		err   error
		taken time.Duration
	}
	var left atomic.Bool // by the task, or by who waits for it
	done := make(chan struct{})
	var o outcome
	late := &TimeoutError{limit}
	begun := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, limit, late)
	defer cancel()
	go func() {
		var ended outcome
		returned := false
		defer func() {
			if !returned {
				ended.err = caught(recover())
			}
			ended.taken = time.Since(begun)
			if left.CompareAndSwap(false, true) {
				o = ended
			} else {
				lost.Add(-1)
			}
			close(done)
		}()
		ended.v, ended.err = f(ctx, in)
		returned = true
	}()
	select {
	case <-done:
	case <-ctx.Done():
		if context.Cause(ctx) != error(late) { // the job ends; the task still has its time
			rest := time.NewTimer(limit - time.Since(begun))
			defer rest.Stop()
			select {
			case <-done:
			case <-rest.C:
			}
		}
		lost.Add(1)
		if left.CompareAndSwap(false, true) {
			return done, v, late
		}
		lost.Add(-1)
		<-done
	}
	if o.taken >= limit { // it ended, but so late that it might have been left
		return nil, v, late
	}
	return nil, o.v, o.err
}

// Stray returns a channel that is closed when a task of the job, which worker w left
// running at its limit, returns; nil if w left none. An executor in this process that
// keeps [Options.Limit] asks it after each [Job.Drain] of a job that has one: Drain returns
// early then, the range may not be empty, and w must run nothing until the channel is
// closed, so that there is never a runner above the limit of workers.
func Stray(job Job, w int) <-chan struct{} {
	if job.Options().Limit > 0 {
		if j, ok := job.(interface{ stray(w int) <-chan struct{} }); ok {
			return j.stray(w)
		}
	}
	return nil
}

// strays are the tasks of a job that were left running, by worker.
type strays struct {
	mu sync.Mutex
	of map[int]<-chan struct{}
}

func (s *strays) add(w int, stray <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[int]<-chan struct{}{}
	}
	s.of[w] = stray
}

func (s *strays) take(w int) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	stray := s.of[w]
	delete(s.of, w)
	return stray
}

// A StrayError is tasks that ran past their limit and still do, so that an executor that
// is closed or stopped cannot free everything. What they use is freed when they return.
type StrayError struct {
	Strategy string
	Tasks    int
	Cause    error // why they are not waited for any more; nil for Close, which does not
}

func (e *StrayError) Error() string {
	s := fmt.Sprintf("strategy %s: %s past the limit, still running", e.Strategy, tasks(e.Tasks))
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func (e *StrayError) Unwrap() error { return e.Cause }
