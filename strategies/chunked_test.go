package strategies

import (
	"context"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"pgregory.net/rapid"
)

// makers lists the constructors of this package.
var makers = []struct {
	name string
	make func(workers int) Executor
}{
	{"serial", func(int) Executor { return Serial() }},
	{"pool", Pool}, {"steal", Steal}, {"static", Static}, {"spawn", Spawn}, {"channel", Channel}, {"buffered", Buffered}, {"actor", Actor},
	{"loop", func(int) Executor { return Loop() }},
	{"gil", GIL},
}

// With every policy and strategy, every task of a map has its output.
func TestChunkedMap(t *testing.T) {
	for _, m := range makers {
		t.Run(m.name, func(t *testing.T) {
			ex := m.make(0)
			defer ex.Close()
			rapid.Check(t, func(t *rapid.T) { chunkedMap(t, ex) })
		})
	}
}

func chunkedMap(t *rapid.T, ex Executor) {
	p := rapid.SampledFrom(append(chunk.All(), chunk.Fixed(1), chunk.Fixed(7))).Draw(t, "chunk")
	in := slices.Collect(count(rapid.IntRange(0, 3000).Draw(t, "tasks")))
	k := double
	k.Begin = func(ctx context.Context, i int, _ Events, done func(int, error)) { done(double.Func(ctx, i)) }
	out, err := k.Map(context.Background(), ex, in, Options{Chunk: p})
	if err != nil || len(out) != len(in) {
		t.Fatal(err)
	}
	for i, v := range out {
		if v != 2*i {
			t.Fatalf("task %d: %d", i, v)
		}
	}
}

// A constructor with an invalid number of workers returns an executor that refuses every job. The
// error of the job names that number.
func TestBadWorkers(t *testing.T) {
	for _, m := range makers {
		if m.name == "serial" || m.name == "loop" {
			continue
		}
		for _, workers := range []int{-1, 1<<16 + 1} {
			ex := m.make(workers)
			_, err := Map(t.Context(), ex, []int{1}, double.Func)
			_, errGo := Go(t.Context(), ex, 1, double.Func).Wait(t.Context())
			var errStream error
			for _, errStream = range Stream(t.Context(), ex, count(1), double.Func) {
			}
			for _, err := range []error{err, errGo, errStream} {
				if e, ok := err.(*OptionError); !ok || e.Option != "workers" || e.Value != workers {
					t.Errorf("%s with %d workers: %v", m.name, workers, err)
				}
			}
			if err := ex.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// If a call does not support an option, its error names the option.
func TestRefusedOptions(t *testing.T) {
	ex := Steal(1)
	defer ex.Close()
	for _, c := range []struct {
		call   string
		o      Options
		option string
	}{
		{"map", Options{Order: CompletionOrder}, "order"},
		{"map", Options{Window: 3}, "window"},
		{"map", Options{Retries: 1}, "retries"},
		{"stream", Options{Retries: 1}, "retries"},
		{"stream", Options{Window: -1}, "window"},
		{"go", Options{Chunk: chunk.Fixed(2)}, "chunk"},
		{"go", Options{Order: CompletionOrder}, "order"},
		{"go", Options{Window: 3}, "window"},
		{"go", Options{Limit: -1}, "limit"},
		{"go", Options{Retries: 1}, "retries"},
	} {
		var err error
		switch c.call {
		case "map":
			_, err = double.Map(t.Context(), ex, []int{1}, c.o)
		case "stream":
			for _, err = range double.Stream(t.Context(), ex, count(1), c.o) {
			}
		case "go":
			_, err = double.Go(t.Context(), ex, 1, c.o).Wait(t.Context())
		}
		if e, ok := err.(*OptionError); !ok || e.Option != c.option {
			t.Errorf("%s with %+v: %v", c.call, c.o, err)
		}
	}
}

// In both orders, Results delivers each outcome with its task number. The error of the stream
// itself has the number -1.
func TestResults(t *testing.T) {
	ex := Steal(2)
	defer ex.Close()
	for _, order := range []Order{InputOrder, CompletionOrder} {
		seen := map[int]bool{}
		for r := range double.Results(t.Context(), ex, count(1000), Options{Order: order, Window: 10}) {
			if r.Err != nil || r.Value != 2*r.Task || seen[r.Task] {
				t.Fatalf("%v order: %+v", order, r)
			}
			seen[r.Task] = true
		}
		if len(seen) != 1000 {
			t.Errorf("%v order: %d results", order, len(seen))
		}
	}
	for r := range double.Results(t.Context(), ex, nil, Options{}) {
		if r.Task != -1 || r.Err == nil {
			t.Errorf("a stream with a nil input: %+v", r)
		}
	}
}

// On a closed executor, jobs of every kind return the same error.
func TestRefusals(t *testing.T) {
	ex := Steal(1)
	ex.Close()
	_, errMap := Map(t.Context(), ex, []int{1}, double.Func)
	_, errGo := Go(t.Context(), ex, 1, double.Func).Wait(t.Context())
	var errStream error
	for _, errStream = range Stream(t.Context(), ex, count(1), double.Func) {
	}
	for _, err := range []error{errMap, errGo, errStream, double.Drain(t.Context(), ex, count(1), Options{})} {
		if err != ErrClosed {
			t.Errorf("a closed executor returns %v", err)
		}
	}
}
