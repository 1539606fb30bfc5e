package strategies

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/payoff-bench/payoff/strategies/chunk"
)

// A streamCase describes a random stream, and what happens while it runs.
type streamCase struct {
	workers, n, window, chunk int
	order                     Order
	failFast                  bool
	fail                      map[int]int // by task: 1 error, 2 panic, 3 Goexit, 4 panic during Goexit
	inputEnds                 int         // the input panics before this task; -1 means never
	leave                     int         // the consumer stops at this delivery; -1 means never
	cancel                    int         // the context ends at this delivery; -1 means never
	stop                      int         // the executor is stopped at this delivery; -1 means never
	yields                    int         // number of tasks or deliveries between calls of Gosched
}

func drawStream(t *rapid.T) streamCase {
	c := streamCase{
		workers: rapid.IntRange(1, 4).Draw(t, "workers"),
		n:       rapid.SampledFrom([]int{0, 1, 2, 5, 50, 300}).Draw(t, "n"),
		window:  rapid.OneOf(rapid.IntRange(1, 9), rapid.SampledFrom([]int{64, 100, 1000})).Draw(t, "window"),
		order:   rapid.SampledFrom([]Order{InputOrder, CompletionOrder}).Draw(t, "order"),
		yields:  rapid.IntRange(1, 20).Draw(t, "yields"),
	}
	c.chunk = rapid.IntRange(1, c.window).Draw(t, "chunk")
	at := func(what string) int {
		if c.n == 0 || rapid.IntRange(0, 3).Draw(t, what+"?") > 0 {
			return -1
		}
		return rapid.IntRange(0, c.n-1).Draw(t, what)
	}
	c.fail = rapid.MapOfN(rapid.IntRange(0, max(c.n-1, 0)), rapid.IntRange(1, 4), 0, min(c.n, 20)).Draw(t, "fail")
	c.failFast = rapid.IntRange(0, 3).Draw(t, "fail fast") == 0
	c.inputEnds, c.leave, c.cancel, c.stop = at("input ends"), at("leave"), at("cancel"), at("stop")
	return c
}

var errCancel = errors.New("cancelled by the test")

// check runs the stream. It checks that every pulled task is delivered exactly once, in the order of
// the inputs for InputOrder, and that the tasks pulled never exceed the tasks delivered plus the
// window.
func (c streamCase) check(t *rapid.T) {
	ex := Pool(c.workers)
	defer ex.Close()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	var pulled, delivered atomic.Int64
	ran := make([]atomic.Int32, c.n)
	pause := func(i int) {
		if i%c.yields == 0 {
			runtime.Gosched()
		}
	}
	kernel := Kernel[int, int]{Func: func(_ context.Context, i int) (int, error) {
		ran[i].Add(1)
		pause(i)
		switch c.fail[i] {
		case 1:
			return 0, errCancel
		case 2:
			panic(i)
		case 3:
			runtime.Goexit()
		case 4:
			defer panic(i)
			runtime.Goexit()
		}
		return 2 * i, nil
	}}
	input := func(yield func(int) bool) {
		for i := range c.n {
			if i == c.inputEnds {
				panic(errCancel)
			}
			// One task may be delivered and not counted yet.
			if p, d := pulled.Add(1), delivered.Load(); p > d+1+int64(c.window) {
				t.Errorf("%d tasks pulled with %d delivered", p, d)
			}
			pause(i)
			if !yield(i) {
				return
			}
		}
	}
	seen := make([]bool, c.n)
	stopped := make(chan error, 1)
	var last error
	left := false
	o := Options{Chunk: chunk.Fixed(c.chunk), Window: c.window, Order: c.order, FailFast: c.failFast}
	for v, err := range kernel.Stream(ctx, ex, input, o) {
		d := int(delivered.Load())
		var te *TaskError
		task := v / 2
		if errors.As(err, &te) {
			task = te.Task
		}
		if err != nil && te == nil || d >= c.n || seen[task] {
			if last != nil {
				t.Errorf("two elements without a task: %v and %v", last, err)
			}
			if last = err; err == nil {
				t.Errorf("task %d was delivered twice", task)
			}
			continue
		}
		if last != nil {
			t.Errorf("task %d after the last element", task)
		}
		seen[task] = true
		if p := pulled.Load(); p > int64(d+1+c.window) {
			t.Errorf("%d tasks pulled with %d delivered", p, d+1)
		}
		delivered.Add(1)
		switch {
		case c.order == InputOrder && task != d:
			t.Errorf("delivery %d is task %d", d, task)
		case err == nil && (c.fail[task] != 0 || v != 2*task):
			t.Errorf("task %d delivered %d", task, v)
		case err != nil && ran[task].Load() > 0 && c.fail[task] == 0:
			t.Errorf("task %d failed: %v", task, err)
		}
		pause(d)
		if d == c.cancel {
			cancel(errCancel)
		}
		if d == c.stop {
			go func() { stopped <- ex.Stop(context.Background()) }()
		}
		if d == c.leave {
			left = true
			break
		}
	}
	if c.stop >= 0 && int(delivered.Load()) > c.stop {
		if err := <-stopped; err != nil {
			t.Errorf("stop: %v", err)
		}
	}
	for i := range ran {
		if n := ran[i].Load(); n > 1 {
			t.Errorf("task %d ran %d times", i, n)
		}
	}
	d, p := int(delivered.Load()), int(pulled.Load())
	switch {
	case left:
	case d != p:
		t.Errorf("%d tasks pulled and %d delivered", p, d)
	case p < c.n && last == nil && !c.failFast:
		t.Errorf("the stream ended after %d of %d tasks without an error", p, c.n)
	case p == c.n && last != nil && c.cancel < 0 && c.stop < 0:
		t.Errorf("the last element is %v", last)
	}
	var ie *InputError
	if errors.As(last, &ie) && (p != c.inputEnds || ie.Task != p) {
		t.Errorf("the input ended at task %d, want %d: %v", p, c.inputEnds, ie)
	}
}

func TestStreamAgainstItsModel(t *testing.T) {
	for _, p := range []int{1, 2, 4} {
		t.Run(fmt.Sprintf("GOMAXPROCS=%d", p), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(p))
			rapid.Check(t, func(t *rapid.T) { drawStream(t).check(t) })
		})
	}
}

// A program may range over a stream several times, even within a loop over the same stream.
func TestStreamAgain(t *testing.T) {
	ex := Pool(2)
	defer ex.Close()
	s := double.Stream(t.Context(), ex, count(10), Options{Window: 3})
	sum := 0
	for v, err := range s {
		if err != nil {
			t.Fatal(err)
		}
		next, stop := iter.Pull2(s)
		w, _, _ := next()
		stop()
		sum += v + w
	}
	if sum != 90 {
		t.Error(sum)
	}
}

// A stream runs within a task of an outer job. If a failure of the outer job cancels the stream,
// the stream ends with this failure.
func TestInnerStreamReportsOuterFailure(t *testing.T) {
	ex := Pool(2)
	defer ex.Close()
	began := make(chan struct{})
	k := Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
		if i == 0 {
			<-began
			return 0, errCancel
		}
		close(began)
		var last error
		for _, err := range double.Stream(ctx, ex, func(yield func(int) bool) {
			for yield(1) {
			}
		}, Options{FailFast: true}) {
			last = err
		}
		var te *TaskError
		if !errors.As(last, &te) || te.Err != errCancel {
			t.Errorf("the inner stream ended with %v", last)
		}
		return 0, nil
	}}
	k.Map(t.Context(), ex, []int{0, 1}, Options{FailFast: true})
}
