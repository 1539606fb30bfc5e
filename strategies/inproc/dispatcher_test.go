package inproc

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

// queued is a peer whose queue the test works off by hand.
func queued(queue chan func()) Peer {
	return Peer{
		Name:    "queued",
		Workers: 2,
		Submit:  func(run func()) error { queue <- run; return nil },
		Close:   func() {},
	}
}

// What waits in a peer's queue, and what waits to get into it, is let go of at once when a
// job is cancelled or its consumer leaves. The queue finds nothing later.
func TestRecall(t *testing.T) {
	cause := errors.New("enough")
	for _, room := range []int{0, 3, 100} {
		for name, job := range map[string]func(ctx context.Context, cancel func(), ex work.Executor, k Kernel[int, int]){
			"map": func(ctx context.Context, cancel func(), ex work.Executor, k Kernel[int, int]) {
				go cancel()
				_, err := Map(ctx, ex, k, make([]int, 50), Options{})
				var e *JobError
				if !errors.As(err, &e) || e.Cause != cause || e.skipped() != 50 {
					t.Errorf("a map ended with %v", err)
				}
			},
			"stream": func(ctx context.Context, cancel func(), ex work.Executor, k Kernel[int, int]) {
				go cancel()
				for _, err := range Stream(ctx, ex, k, count(50), Options{Window: 20, Order: CompletionOrder}) {
					if !errors.Is(err, cause) {
						t.Errorf("a stream delivered %v", err)
					}
				}
			},
			"future": func(ctx context.Context, _ func(), ex work.Executor, k Kernel[int, int]) {
				f := Go(ctx, ex, k, 1)
				f.Cancel()
				if _, err := f.Wait(ctx); !errors.Is(err, ErrCancelled) {
					t.Errorf("a future ended with %v", err)
				}
			},
		} {
			queue := make(chan func(), room)
			ex := queued(queue).Executor()
			var ran atomic.Int64
			k := Kernel[int, int]{Func: func(context.Context, int) (int, error) { ran.Add(1); return 0, nil }}
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

// A peer that does not accept a chunk fails its tasks, and no others.
func TestRefusedChunks(t *testing.T) {
	full := errors.New("the queue is full")
	n := 0
	p := Peer{Name: "full", Workers: 2, Close: func() {}, Submit: func(run func()) error {
		if n++; n%2 == 0 {
			return full
		}
		go run()
		return nil
	}}
	ex := p.Executor()
	defer ex.Close()
	_, err := Map(t.Context(), ex, double, make([]int, 10), Options{Chunk: Fixed(2)})
	var e *JobError
	if !errors.As(err, &e) || len(e.Tasks) != 4 || !errors.Is(e.Task(2), full) || e.Task(0) != nil {
		t.Errorf("the map ended with %v", err)
	}
}

// Two workers never sit at one desk, and more workers than desks find more.
func TestDesks(t *testing.T) {
	for _, workers := range []int{1, 3, 16} {
		var d desks
		d.add(2)
		var taken [64]atomic.Bool
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for range 2000 {
					at := d.take()
					if !taken[at.w].CompareAndSwap(false, true) {
						t.Errorf("two workers have number %d", at.w)
						return
					}
					taken[at.w].Store(false)
					d.put(at)
				}
			})
		}
		wg.Wait()
		if n := len(*d.all.Load()); n > 2*workers+2 {
			t.Errorf("%d desks for %d workers", n, workers)
		}
	}
}

// Chunks are used again: what a job allocates does not grow with its tasks, where the peer
// holds few at a time.
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
	ex := Peer{Name: "unbuffered", Workers: 2, Submit: func(run func()) error { work <- run; return nil }, Close: func() {}}.Executor()
	defer ex.Close()
	in, out := make([]int, 10_000), make([]int, 10_000)
	if n := testing.AllocsPerRun(5, func() {
		if err := MapInto(t.Context(), ex, double, in, out, Options{}); err != nil {
			t.Error(err)
		}
	}); n > 100 {
		t.Errorf("a map of 10,000 tasks allocates %v times", n)
	}
}
