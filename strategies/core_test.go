package strategies

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"testing"
)

var double = Kernel[int, int]{Name: "double", Func: func(_ context.Context, i int) (int, error) { return 2 * i, nil }}

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func TestMapAndStream(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		ex := newPool("pool", workers)
		for _, n := range []int{0, 1, 2, 7, 1000, 20000} {
			for _, chunk := range []int{1, 2, 7, 1000} {
				in := slices.Collect(count(n))
				out, err := Map(t.Context(), ex, double, in, Options{Chunk: chunk})
				if err != nil {
					t.Fatal(err)
				}
				for i, v := range out {
					if v != 2*i {
						t.Fatal(i, v)
					}
				}
				for _, window := range []int{0, 1, 3, 8, 100} {
					if chunk > window {
						continue
					}
					i := 0
					for v, err := range Stream(t.Context(), ex, double, count(n), Options{Chunk: chunk, Window: window}) {
						if v != 2*i || err != nil {
							t.Fatal(workers, n, chunk, window, i, v, err)
						}
						i++
					}
					if i != n {
						t.Fatal(i, n)
					}
					seen := make([]bool, n)
					for v, err := range Stream(t.Context(), ex, double, count(n), Options{Chunk: chunk, Window: window, Order: CompletionOrder}) {
						if seen[v/2] || err != nil {
							t.Fatal(workers, n, chunk, window, v, err)
						}
						seen[v/2] = true
					}
					if slices.Contains(seen, false) {
						t.Fatal("lost")
					}
				}
			}
		}
		ex.Close()
	}
}

func TestBreakAndGoexit(t *testing.T) {
	ex := newPool("pool", 2)
	defer ex.Close()
	for range 100 {
		n := 0
		for range Stream(t.Context(), ex, double, count(1<<40), Options{Window: 16}) {
			if n++; n == 100 {
				break
			}
		}
	}
	bad := Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
		switch i % 4 {
		case 1:
			runtime.Goexit()
		case 2:
			panic("x")
		case 3:
			return 0, errors.New("e")
		}
		return i, nil
	}}
	_, err := Map(t.Context(), ex, bad, slices.Collect(count(100)), Options{Chunk: 5})
	var je *JobError
	if !errors.As(err, &je) || len(je.Tasks) != 75 {
		t.Fatal(err)
	}
	i := 0
	for _, err := range Stream(t.Context(), ex, bad, count(1000), Options{Chunk: 5}) {
		if (err != nil) != (i%4 != 0) {
			t.Fatal(i, err)
		}
		i++
	}
	nested := Kernel[int, int]{Func: func(ctx context.Context, n int) (int, error) {
		out, err := Map(ctx, ex, double, slices.Collect(count(n)), Options{})
		for range Stream(ctx, ex, double, count(n), Options{Window: 4}) {
		}
		return len(out), err
	}}
	if _, err := Map(t.Context(), ex, nested, slices.Collect(count(200)), Options{}); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkMap(b *testing.B) {
	for _, chunk := range []int{1, 64} {
		b.Run("", func(b *testing.B) {
			ex := newPool("pool", 2)
			defer ex.Close()
			in := make([]int, 100000)
			out := make([]int, 100000)
			for b.Loop() {
				MapInto(b.Context(), ex, double, in, out, Options{Chunk: chunk})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e5, "ns/task")
		})
	}
}

func BenchmarkStream(b *testing.B) {
	for _, order := range []Order{InputOrder, CompletionOrder} {
		b.Run(order.String(), func(b *testing.B) {
			ex := newPool("pool", 2)
			defer ex.Close()
			b.ReportAllocs()
			for b.Loop() {
				for range Stream(b.Context(), ex, double, count(100000), Options{Order: order}) {
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e5, "ns/task")
		})
	}
}
