package fault

import (
	"context"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// number returns a codec for numbers of one byte.
func number() strategies.Codec[byte] {
	return strategies.Codec[byte]{
		Append: func(dst []byte, v byte) ([]byte, error) { return append(dst, v), nil },
		Decode: func(src []byte) (byte, error) { return src[0], nil },
	}
}

// TestFaultyWorkers checks that a worker process computes its set-up once for all tasks, and keeps
// the memory that each task leaks.
func TestFaultyWorkers(t *testing.T) {
	process := &Process{}
	k := Kernel(strategies.Kernel[byte, byte]{
		Name: "next", In: number(), Out: number(),
		Func: func(_ context.Context, v byte) (byte, error) { return v + 1, nil },
	}, process, true)
	const tasks, left, steps = 5, 5000, 1000
	src, err := k.In.Append(nil, Input[byte]{plan{setup: steps, leak: left}, 7})
	if err != nil {
		t.Fatal(err)
	}
	want := compute(steps)
	for i := range tasks {
		if got, err := k.Call(t.Context(), nil, src); err != nil || len(got) != 1 || got[0] != 8 {
			t.Fatalf("task with a plan: got output %v, error %v, want [8]", got, err)
		}
		if process.setUp != want {
			t.Errorf("after task %d: the set-up has result %x, want %x", i, process.setUp, want)
		}
		want++
		process.setUp = want // a second set-up would overwrite it
	}
	if n := len(process.leaked); n != tasks || len(process.leaked[0]) != left || len(process.leaked[n-1]) != left {
		t.Errorf("%d tasks leaked %d pieces of memory, want one piece of 5000 bytes per task", tasks, n)
	}
	if _, err := k.Call(t.Context(), nil, src[:planSize-1]); err == nil {
		t.Error("decoding an input that ends within its plan: no error")
	}
}

// TestFaultyGoroutines checks that goroutines share the set-up of their process, and that each task
// leaks memory in this process.
func TestFaultyGoroutines(t *testing.T) {
	pool, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	shape, err := Parse("setup5000+leak4096")
	if err != nil {
		t.Fatal(err)
	}
	const tasks = 30
	process, in := &Process{}, make([]Input[byte], tasks)
	for i := range in {
		in[i] = Plan(shape.Over(7, tasks), i, byte(i))
	}
	k := Kernel(strategies.Kernel[byte, byte]{Func: func(_ context.Context, v byte) (byte, error) { return v, nil }}, process, false)
	for job := 1; job <= 2; job++ {
		out := make([]byte, tasks)
		if err := k.MapInto(t.Context(), pool, in, out, strategies.Options{}); err != nil {
			t.Fatal(err)
		}
		if process.setUp == 0 || len(process.leaked) != job*tasks || len(process.leaked[0]) != 4096 {
			t.Errorf("after job %d: the set-up has result %x, and %d pieces of memory leaked; want a result and one piece per task", job, process.setUp, len(process.leaked))
		}
	}
}
