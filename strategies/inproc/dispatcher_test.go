package inproc_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

// queued returns a Peer whose submit function sends each function to the channel queue, from which
// the test receives it.
func queued(queue chan func()) inproc.Peer {
	return inproc.Peer{
		Name:    "queued",
		Workers: 2,
		Submit:  func(run func()) error { queue <- run; return nil },
		Close:   func() {},
	}
}

// When a job is cancelled, it recalls at once the chunks that wait in the queue of a peer's pool or
// have not been submitted. If the pool later calls the function of such a chunk, the function runs
// no task.
func TestRecall(t *testing.T) {
	cause := errors.New("enough")
	for _, room := range []int{0, 3, 100} {
		for name, job := range map[string]func(ctx context.Context, cancel func(), ex work.Executor, k strategies.Kernel[int, int]){
			"map": func(ctx context.Context, cancel func(), ex work.Executor, k strategies.Kernel[int, int]) {
				go cancel()
				_, err := k.Map(ctx, ex, make([]int, 50), strategies.Options{})
				var e *strategies.JobError
				if !errors.As(err, &e) || e.Cause != cause || e.Skipped != 50 {
					t.Errorf("a map ended with %v", err)
				}
			},
			"stream": func(ctx context.Context, cancel func(), ex work.Executor, k strategies.Kernel[int, int]) {
				go cancel()
				for _, err := range k.Stream(ctx, ex, count(50), strategies.Options{Window: 20, Order: strategies.CompletionOrder}) {
					if !errors.Is(err, cause) {
						t.Errorf("a stream delivered %v", err)
					}
				}
			},
			"future": func(ctx context.Context, _ func(), ex work.Executor, k strategies.Kernel[int, int]) {
				f := k.Go(ctx, ex, 1, strategies.Options{})
				f.Cancel()
				if _, err := f.Wait(ctx); !errors.Is(err, strategies.ErrCancelled) {
					t.Errorf("a future ended with %v", err)
				}
			},
		} {
			queue := make(chan func(), room)
			ex := queued(queue).Executor()
			var ran atomic.Int64
			k := strategies.Kernel[int, int]{Func: func(context.Context, int) (int, error) { ran.Add(1); return 0, nil }}
			ctx, cancel := context.WithCancelCause(t.Context())
			job(ctx, func() { cancel(cause) }, ex, k)
			closed := make(chan error)
			go func() { closed <- ex.Close() }()
			for open := true; open; {
				select {
				case run := <-queue:
					run()
				case err := <-closed:
					open = false
					if err != nil {
						t.Error(err)
					}
				}
			}
			for len(queue) > 0 {
				(<-queue)()
			}
			if n := ran.Load(); n > 0 {
				t.Errorf("room for %d: %d tasks of a cancelled %s ran", room, n, name)
			}
		}
	}
}

// If Submit returns an error, only the tasks of that chunk fail.
func TestRefusedChunks(t *testing.T) {
	full := errors.New("the queue is full")
	n := 0
	p := inproc.Peer{Name: "full", Workers: 2, Close: func() {}, Submit: func(run func()) error {
		if n++; n%2 == 0 {
			return full
		}
		go run()
		return nil
	}}
	ex := p.Executor()
	defer ex.Close()
	_, err := double.Map(t.Context(), ex, make([]int, 10), strategies.Options{Chunk: chunk.Fixed(2)})
	var e *strategies.JobError
	if !errors.As(err, &e) || e.Failed != 4 || !errors.Is(e.Task(2), full) || e.Task(0) != nil {
		t.Errorf("the map ended with %v", err)
	}
}

// If a peer holds few chunks at a time, the dispatcher reuses parcels. The number of allocations of
// a job then does not grow with the number of tasks.
func TestPeerAllocations(t *testing.T) {
	work := make(chan func())
	defer close(work)
	for range 2 {
		go func() {
			for run := range work {
				run()
			}
		}()
	}
	ex := inproc.Peer{Name: "unbuffered", Workers: 2, Submit: func(run func()) error { work <- run; return nil }, Close: func() {}}.Executor()
	defer ex.Close()
	in, out := make([]int, 10_000), make([]int, 10_000)
	if n := testing.AllocsPerRun(5, func() {
		if err := double.MapInto(t.Context(), ex, in, out, strategies.Options{}); err != nil {
			t.Error(err)
		}
	}); n > 100 {
		t.Errorf("a map of 10,000 tasks allocates %v times", n)
	}
}

// With every chunk policy, a dispatcher hands over each chunk in one piece.
func TestDispatchedChunks(t *testing.T) {
	for _, c := range []struct {
		chunk chunk.Policy
		want  []int
	}{
		{nil, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
		{chunk.Fixed(4), []int{4, 4, 2}},
		{chunk.Static{}, []int{5, 5}},
		{chunk.Guided{}, []int{5, 3, 1, 1}},
	} {
		ran := 0
		var got []int
		ex := inproc.Peer{Name: "test", Workers: 2, Submit: func(run func()) error {
			before := ran
			var wg sync.WaitGroup
			wg.Go(run)
			wg.Wait()
			got = append(got, ran-before)
			return nil
		}}.Executor()
		k := strategies.Kernel[int, int]{Func: func(_ context.Context, i int) (int, error) { ran++; return i, nil }}
		if _, err := k.Map(t.Context(), ex, make([]int, 10), strategies.Options{Chunk: c.chunk}); err != nil {
			t.Error(err)
		}
		ex.Close()
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: chunks %v, want %v", c.chunk, got, c.want)
		}
	}
}

var double = strategies.Kernel[int, int]{Name: "double", Func: func(_ context.Context, i int) (int, error) { return 2 * i, nil }}

// count yields the numbers from 0 to n-1.
func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// Stop returns soon after its context has ended, even if a peer's pool accepts no function or never
// ends. Jobs end with ErrClosed.
func TestStopOfStuckPool(t *testing.T) {
	for _, accepts := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			defer close(release)
			ex := inproc.Peer{
				Name: "stuck", Workers: 1,
				Submit: func(run func()) error {
					if !accepts {
						<-release
					}
					go run()
					return nil
				},
				Close: func() { <-release },
			}.Executor()
			job := make(chan error, 1)
			go func() {
				_, err := strategies.Map(t.Context(), ex, []int{1}, func(ctx context.Context, _ int) (int, error) {
					<-ctx.Done()
					return 0, context.Cause(ctx)
				})
				job <- err
			}()
			synctest.Wait()
			cause := errors.New("enough")
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(cause)
			for range 2 {
				if err := ex.Stop(ctx); !errors.Is(err, cause) {
					t.Errorf("stop of a pool that accepts %v: %v", accepts, err)
				}
			}
			if err := <-job; !errors.Is(err, work.ErrClosed) {
				t.Errorf("job: %v", err)
			}
		})
	}
}
