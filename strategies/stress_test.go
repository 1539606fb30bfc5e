package strategies

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/payoff-bench/payoff/strategies/chunk"
)

// A disorder runs random jobs on one executor, on many goroutines at once.
type disorder struct {
	t       *testing.T
	ex      Executor
	workers int64
	running atomic.Int64
	most    atomic.Int64
	jobs    atomic.Int64 // number of jobs that have ended
	kernel  Kernel[int, int]
}

func newDisorder(t *testing.T, ex Executor, workers int) *disorder {
	d := &disorder{t: t, ex: ex, workers: int64(workers)}
	d.kernel = Kernel[int, int]{Key: func(i int) uint64 { return uint64(i % 7) }, Func: func(ctx context.Context, i int) (int, error) {
		if i%61 == 60 { // a task that waits for others does not count as running
			d.kernel.Map(ctx, d.ex, []int{1, 2, 13, 3}, Options{Chunk: chunk.Fixed(1 + i%2)})
			for range d.kernel.Stream(ctx, d.ex, count(i%11), Options{Window: 2, Order: Order(i % 2)}) {
			}
			return i, nil
		}
		now := d.running.Add(1)
		defer d.running.Add(-1)
		if now > d.most.Load() {
			d.most.Store(now)
		}
		switch i % 17 {
		case 13:
			runtime.Goexit()
		case 14:
			panic(i)
		case 15:
			return i, errCancel
		case 16:
			runtime.Gosched()
		}
		return i, nil
	}}
	d.kernel.Begin = func(ctx context.Context, i int, ev Events, done func(int, error)) {
		run := func(error) { done(d.kernel.Func(ctx, i)) }
		switch i % 3 {
		case 0:
			run(nil)
		case 1:
			ev.After(time.Duration(i%5)*time.Microsecond, run)
		case 2:
			go ev.Post(func() { run(nil) })
		}
	}
	return d
}

// job runs one job of a random kind. It returns the cause in the error of a map, or the error in the
// last delivery of a stream.
func (d *disorder) job(r *rand.Rand) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	n := r.IntN(200)
	at := r.IntN(400) // task or delivery at which an event happens, if there is one
	o := Options{Chunk: chunk.Fixed(1 + r.IntN(9)), Window: 9 + r.IntN(30), Order: Order(r.IntN(2)), FailFast: r.IntN(8) == 0}
	var input = func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
	sort := max(r.IntN(11)-3, 0) // about a third are maps
	if sort == 0 {
		in := make([]int, n)
		for i := range in {
			in[i] = i
		}
		if at < 100 {
			go cancel(errCancel)
		}
		out, err := d.kernel.Map(ctx, d.ex, in, Options{Chunk: o.Chunk, FailFast: o.FailFast})
		var e *JobError
		if errors.As(err, &e) {
			err = e.Cause
		}
		for i := range in {
			failed := i%17 >= 13 && i%17 <= 15 && i%61 != 60
			if out[i] != i && !failed && err == nil {
				d.t.Errorf("output %d is %d", i, out[i])
			}
		}
		return err
	}
	if sort == 1 {
		whole := input
		input = func(yield func(int) bool) {
			for i := range whole {
				if i == at {
					panic("the input ends")
				}
				if !yield(i) {
					return
				}
			}
		}
	}
	var last error
	delivered := 0
	ended := make(chan struct{})
	go func() { // a consumer may end its goroutine
		defer close(ended)
		defer func() { recover() }()
		for v, err := range d.kernel.Stream(ctx, d.ex, input, o) {
			var te *TaskError
			if errors.As(err, &te) {
				v = te.Task
			}
			if o.Order == InputOrder && v != delivered && err == nil {
				d.t.Errorf("delivery %d is task %d", delivered, v)
			}
			last = err
			if delivered++; delivered == at {
				switch sort {
				case 2:
					return
				case 3:
					panic("the consumer ends")
				case 4:
					runtime.Goexit()
				case 5, 6:
					cancel(errCancel)
				}
			}
		}
	}()
	<-ended
	return last
}

func TestDisorder(t *testing.T) {
	rounds := 10
	if testing.Short() {
		rounds = 4
	}
	for _, workers := range []int{1, 3} {
		for _, p := range []int{1, 2, 4} {
			disorders(t, "pool", Pool, p, workers, rounds)
		}
	}
	disorders(t, "static", Static, 2, 3, rounds)
	disorders(t, "actor", Actor, 2, 3, rounds)
	disorders(t, "gil", GIL, 2, 3, rounds)
	disorders(t, "loop", func(int) Executor { return Loop() }, 2, 1, rounds)
}

func disorders(t *testing.T, name string, make func(workers int) Executor, p, workers, rounds int) {
	t.Run(fmt.Sprintf("%s/GOMAXPROCS=%d/workers=%d", name, p, workers), func(t *testing.T) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(p))
		defer goleak.VerifyNone(t)
		for round := range rounds {
			d := newDisorder(t, make(workers), workers)
			var wg sync.WaitGroup
			for i := range 6 {
				wg.Go(func() {
					r := rand.New(rand.NewPCG(uint64(round), uint64(i)))
					for jobs := 0; ; jobs++ {
						err := d.job(r)
						d.jobs.Add(1)
						if errors.Is(err, ErrClosed) || i == 0 && jobs == 20 {
							return
						}
					}
				})
			}
			for i := range 3 { // close and stop the executor while others submit
				wg.Go(func() {
					for d.jobs.Load() < int64(10*round+i) {
						runtime.Gosched()
					}
					if i == 1 {
						d.ex.Close()
					} else if err := d.ex.Stop(context.Background()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if most := d.most.Load(); most > d.workers {
				t.Errorf("%d tasks ran at once on %d workers", most, d.workers)
			}
		}
	})
}

// A stream of one task at a time would block forever if a wake-up between feeder, workers and
// consumer were lost.
func TestStreamOfSingleTasks(t *testing.T) {
	n := 3000
	if testing.Short() {
		n = 300
	}
	for _, p := range []int{1, 2, 4} {
		t.Run(fmt.Sprintf("GOMAXPROCS=%d", p), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(p))
			ex := Pool(3)
			defer ex.Close()
			for _, order := range []Order{InputOrder, CompletionOrder} {
				turn := make(chan struct{}, 1)
				turn <- struct{}{}
				input := func(yield func(int) bool) { // yields the next task when the previous one was delivered
					for i := range n {
						<-turn
						if i%3 == 0 {
							runtime.Gosched()
						}
						if !yield(i) {
							return
						}
					}
				}
				i := 0
				for v, err := range double.Stream(t.Context(), ex, input, Options{Order: order}) {
					if v != 2*i || err != nil {
						t.Fatalf("delivery %d is %d, %v", i, v, err)
					}
					i++
					turn <- struct{}{}
				}
			}
			for i := range n { // maps of one task
				if out, err := double.Map(t.Context(), ex, []int{i}, Options{}); err != nil || out[0] != 2*i {
					t.Fatal(out, err)
				}
			}
		})
	}
}
