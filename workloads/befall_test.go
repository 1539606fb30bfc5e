package workloads

import (
	"context"
	"errors"
	"runtime/debug"
	"sync/atomic"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// What a shape says befalls the tasks, and the direct loop is spared, is looked at where it
// befalls them.

// A worker process sets up once, whatever the tasks, and keeps what each leaves behind.
func TestBefallsWorkers(t *testing.T) {
	h := &host{}
	c := shapedCallable{Spin().Kernel, h}
	const tasks, left, steps = 5, 5000, 1000
	src, err := Spin().Kernel.(strategies.Kernel[Task, Outcome]).In.Append(fate{setup: steps, leak: left}.append(nil), Task{Index: 1, Steps: 1})
	if err != nil {
		t.Fatal(err)
	}
	want, err := spin(t.Context(), Task{Seed: 1, Steps: steps})
	if err != nil {
		t.Fatal(err)
	}
	for i := range tasks {
		if _, err := c.Call(t.Context(), nil, src); err != nil {
			t.Fatal(err)
		}
		if h.setUp != want.Value {
			t.Errorf("after task %d: set up to %x, want %x", i, h.setUp, want.Value)
		}
		want.Value++
		h.setUp = want.Value // which setting up again would overwrite
	}
	if n := len(h.leaked); n != tasks || len(h.leaked[0]) != left || len(h.leaked[n-1]) != left {
		t.Errorf("%d tasks left %d pieces behind", tasks, n)
	}
}

// Goroutines share what their process set up, and leave memory behind as long as the load;
// the direct loop does neither.
func TestBefallsGoroutines(t *testing.T) {
	pool, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	const tasks = 30
	l := prepare(t, Spin(), Params{Grain: 100, Seed: 7, Shape: "setup5000+leak4096"}, tasks).(*Typed[Task, Outcome])
	digest(t, l, l.Direct(t.Context()))
	if h := l.host; h.setUp != 0 || len(h.leaked) != 0 {
		t.Errorf("direct: set up to %x, %d pieces left behind", h.setUp, len(h.leaked))
	}
	for job := 1; job <= 2; job++ {
		digest(t, l, l.Map(t.Context(), pool, strategies.Options{}))
		if h := l.host; h.setUp == 0 || len(h.leaked) != job*tasks || len(h.leaked[0]) != 4096 {
			t.Errorf("job %d: set up to %x, %d pieces left behind", job, h.setUp, len(h.leaked))
		}
	}
}

// Large inputs are made as the stream asks for them, or all before the first task runs, both
// beside the memory limit that the shape names, which ends with the job.
func TestBefallsLarge(t *testing.T) {
	pool, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	const tasks, window = 50, 4
	before := debug.SetMemoryLimit(-1)
	for shape, want := range map[string]int{"lazy2000000": window, "eager2000000": tasks} {
		l := prepare(t, SHA256(), Params{Grain: 100, Payload: 1000, Seed: 7, Shape: shape}, tasks).(*Typed[Message, Outcome])
		digest(t, l, l.Direct(t.Context()))
		// The only worker waits in the first task until as many inputs are made as the stream
		// asks for without it.
		made, input, ahead := make(chan int, tasks), l.Input, 0
		var ran atomic.Int64
		l.Input = func(i, grain int) Message {
			if now := int(ran.Load()); l.shape.Large == Lazy && i >= now+window {
				t.Errorf("input %d is made when %d tasks have begun", i, now)
			}
			made <- i
			return input(i, grain)
		}
		work, first := l.Kernel.Func, true
		l.Kernel.Func = func(ctx context.Context, in Message) (Outcome, error) {
			ran.Add(1)
			if got := debug.SetMemoryLimit(-1); got != 2_000_000 {
				return Outcome{}, errors.New("another memory limit")
			}
			if first {
				for first = false; ahead < want; ahead++ {
					<-made
				}
			}
			return work(ctx, in)
		}
		digest(t, l, l.Stream(t.Context(), pool, strategies.Options{Window: window}))
		if ahead+len(made) != tasks {
			t.Errorf("%s: %d inputs were made, of %d tasks", shape, ahead+len(made), tasks)
		}
		if got := debug.SetMemoryLimit(-1); got != before {
			t.Errorf("%s: a memory limit of %d stays", shape, got)
		}
	}
}
