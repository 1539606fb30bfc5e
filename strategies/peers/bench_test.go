package peers_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/peers"
)

// The size of the measurements.
const (
	figureTasks   = 100_000
	figureWorkers = 2
)

// The tasks: trivial doubles a number, and micro computes dependent steps for about 1 µs.
var (
	trivial = strategies.Kernel[int, int]{Name: "trivial", Func: func(_ context.Context, i int) (int, error) { return 2 * i, nil }}
	micro   = strategies.Kernel[int, int]{Name: "micro", Func: func(_ context.Context, i int) (int, error) {
		x := uint64(i)
		for range 600 {
			x = (x ^ x>>32) * 0xd6e8feb86659fd93
		}
		return int(x), nil
	}}
)

// BenchmarkFigures compares payoff's strategies with the pools of other libraries, which it calls
// as their documentation shows. [contest] describes the method. The command make figures runs this
// benchmark and prints its table.
func BenchmarkFigures(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(figureWorkers))
	f := newFigures(b)
	rounds := 0
	var rows []string
	for _, c := range []contest{
		f.maps("map, trivial", trivial,
			question{"steal", "direct", 1, 0.65}, question{"pool", "direct", 1, 0.65},
			question{"steal, chunk 1", "conc-iter", 1, 0.3}, question{"steal, chunk 1", "ants", 1, 0.05},
			question{"pool, chunk 1", "conc-iter", 1, 1.1}, question{"pool, chunk 1", "ants", 1, 0.05}),
		f.maps("map, 1 µs", micro,
			question{"steal", "direct", 0.5, 1.01}, question{"pool", "direct", 0.5, 1.01},
			question{"steal, chunk 1", "direct", 0.5, 1.03}),
		f.streams("stream, trivial", trivial,
			question{"steal input", "conc-stream", 1, 0.25}, question{"pool input", "conc-stream", 1, 0.25},
			question{"steal completion", "steal input", 1, 1.5}, question{"pool completion", "pool input", 1, 1.5}),
		f.streams("stream, 1 µs", micro,
			question{"steal input", "direct", 0.5, 1.06}, question{"pool input", "direct", 0.5, 1.06},
			question{"steal completion", "steal input", 1, 1.5}, question{"pool completion", "pool input", 1, 1.5}),
		f.lines(),
		f.firstResults(),
		f.futures(),
		f.roundTrips(),
	} {
		last := ""
		b.Run(words(c.name), func(b *testing.B) {
			last, rounds = c.bench(b), b.N
		})
		rows = append(rows, last)
	}
	writeFigures(b, rounds, strings.Join(rows, ""))
}

// figures holds the inputs, outputs and executors that the contests share.
type figures struct {
	b       *testing.B
	ctx     context.Context
	in, out []int
	own     map[string]strategies.Executor
	natives []*catalog.Native
}

func newFigures(b *testing.B) *figures {
	f := &figures{b: b, ctx: context.Background(), in: make([]int, figureTasks), out: make([]int, figureTasks), own: map[string]strategies.Executor{}}
	for i := range f.in {
		f.in[i] = i
	}
	config := catalog.Config{Workers: figureWorkers}
	open := func(s catalog.Strategy) strategies.Executor {
		ex, err := s.New(f.ctx, config)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { ex.Close() })
		return ex
	}
	for _, s := range []catalog.Strategy{
		catalog.Named("steal"), catalog.Named("pool"), catalog.Named("spawn"),
		catalog.Named("channel"), catalog.Named("buffered"),
	} {
		f.own[s.Name] = open(s)
	}
	for _, l := range peers.Libraries() {
		f.natives = append(f.natives, open(l.Native).(*catalog.Native))
	}
	return f
}

// check ends the benchmark if err is not nil or one of four sampled outputs is wrong.
func (f *figures) check(k strategies.Kernel[int, int], out []int, err error) {
	for _, i := range []int{0, 1, figureTasks / 2, figureTasks - 1} {
		if want, _ := k.Func(f.ctx, i); err == nil && out[i] != want {
			err = fmt.Errorf("output %d is %d, want %d", i, out[i], want)
		}
	}
	if err != nil {
		f.b.Fatal(err)
	}
	clear(out)
}

// timed returns a contender that calls the function job, which stores the outputs of a job with
// kernel k in f.out. The contender then checks f.out; its time does not include this check.
func (f *figures) timed(name string, k strategies.Kernel[int, int], job func() error) contender {
	return contender{name, func() time.Duration {
		began := time.Now()
		err := job()
		took := time.Since(began)
		f.check(k, f.out, err)
		return took
	}}
}

func (f *figures) direct(k strategies.Kernel[int, int]) contender {
	return f.timed("direct", k, func() (err error) {
		for i, v := range f.in {
			if f.out[i], err = k.Func(f.ctx, v); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *figures) maps(name string, k strategies.Kernel[int, int], questions ...question) contest {
	c := contest{name: name, per: figureTasks, questions: questions, contenders: []contender{f.direct(k)}}
	for _, own := range []string{"steal", "pool", "spawn", "channel", "buffered"} {
		c.contenders = append(c.contenders, f.timed(own, k, func() error {
			return k.MapInto(f.ctx, f.own[own], f.in, f.out, strategies.Options{})
		}))
	}
	for _, own := range []string{"steal", "pool"} { // the two above run it with automatic chunks
		c.contenders = append(c.contenders, f.timed(own+", chunk 1", k, func() error {
			return k.MapInto(f.ctx, f.own[own], f.in, f.out, strategies.Options{Chunk: chunk.Fixed(1)})
		}))
	}
	for _, n := range f.natives {
		if n.Map != nil {
			c.contenders = append(c.contenders, f.timed(n.Name, k, func() error {
				return n.RunMap(f.ctx, strategies.Options{}, len(f.in), func(i int) (err error) {
					f.out[i], err = k.Func(f.ctx, f.in[i])
					return err
				})
			}))
		}
	}
	return c
}

func (f *figures) streams(name string, k strategies.Kernel[int, int], questions ...question) contest {
	c := contest{name: name, per: figureTasks, questions: questions, contenders: []contender{f.direct(k)}}
	for _, own := range []string{"steal", "pool"} {
		for _, order := range []strategies.Order{strategies.InputOrder, strategies.CompletionOrder} {
			c.contenders = append(c.contenders, contender{fmt.Sprintf("%s %v", own, order), func() time.Duration {
				began := time.Now()
				n := 0
				for v, err := range k.Stream(f.ctx, f.own[own], slices.Values(f.in), strategies.Options{Order: order}) {
					if err != nil {
						f.b.Fatal(err)
					}
					f.out[n] = v
					n++
				}
				took := time.Since(began)
				if order == strategies.CompletionOrder && n == figureTasks {
					slices.Sort(f.out)
					want := make([]int, figureTasks)
					for i := range want {
						want[i], _ = k.Func(f.ctx, i)
					}
					slices.Sort(want)
					if !slices.Equal(f.out, want) {
						f.b.Fatal("the stream delivered wrong outputs")
					}
					clear(f.out)
				} else {
					f.check(k, f.out, nil)
				}
				return took
			}})
		}
	}
	for _, n := range f.natives {
		if n.Stream != nil {
			c.contenders = append(c.contenders, f.timed(n.Name, k, func() error {
				at := 0
				return n.RunStream(f.ctx, strategies.Options{}, len(f.in), func(i int) func() {
					v, _ := k.Func(f.ctx, f.in[i])
					return func() { f.out[at] = v; at++ }
				})
			}))
		}
	}
	return c
}

// firstResults returns a contest that measures the time to the first outcome of a stream. The first
// task takes 1001 times as long as each other task.
func (f *figures) firstResults() contest {
	skewed := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
		if i == 0 {
			for range 1000 {
				if _, err := micro.Func(ctx, i); err != nil {
					return 0, err
				}
			}
		}
		return micro.Func(ctx, i)
	}}
	c := contest{name: "first result, a slow task first", per: 1, questions: []question{
		{"steal completion", "steal input", 1, 0}, {"pool completion", "pool input", 1, 0},
	}}
	for _, own := range []string{"steal", "pool"} {
		for _, order := range []strategies.Order{strategies.InputOrder, strategies.CompletionOrder} {
			c.contenders = append(c.contenders, contender{fmt.Sprintf("%s %v", own, order), func() (took time.Duration) {
				began := time.Now()
				for range skewed.Stream(f.ctx, f.own[own], slices.Values(f.in[:5000]), strategies.Options{Order: order}) {
					if took == 0 {
						took = time.Since(began)
					}
				}
				return took
			}})
		}
	}
	return c
}

// futures returns a contest that submits all tasks as futures and then waits for all.
func (f *figures) futures() contest {
	c := contest{name: "futures, all at once", per: figureTasks, questions: []question{
		{"Go, pool", "errgroup", 1, 0.5}, {"Go, steal", "errgroup", 1, 0.5},
	}}
	all := make([]*strategies.Future[int], figureTasks)
	for _, own := range []string{"pool", "steal"} {
		c.contenders = append(c.contenders, f.timed("Go, "+own, trivial, func() (err error) {
			for i, v := range f.in {
				all[i] = trivial.Go(f.ctx, f.own[own], v, strategies.Options{})
			}
			for i, future := range all {
				if f.out[i], err = future.Wait(f.ctx); err != nil {
					return err
				}
			}
			clear(all)
			return nil
		}))
	}
	maps := f.maps("", trivial)
	i := slices.IndexFunc(maps.contenders, func(x contender) bool { return x.name == "errgroup" })
	c.contenders = append(c.contenders, maps.contenders[i])
	return c
}

// roundTrips returns a contest that submits each task after it has received the outcome of the
// previous one.
func (f *figures) roundTrips() contest {
	c := contest{name: "futures, one by one", per: figureTasks, questions: []question{
		{"Go and Wait, pool", "goroutine and channel", 1, 1.5}, {"Go and Wait, steal", "goroutine and channel", 1, 1.5},
	}}
	for _, own := range []string{"pool", "steal"} {
		c.contenders = append(c.contenders, f.timed("Go and Wait, "+own, trivial, func() (err error) {
			for i, v := range f.in {
				if f.out[i], err = trivial.Go(f.ctx, f.own[own], v, strategies.Options{}).Wait(f.ctx); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	c.contenders = append(c.contenders, f.timed("goroutine and channel", trivial, func() error {
		for i, v := range f.in {
			done := make(chan int, 1)
			go func() {
				v, _ := trivial.Func(f.ctx, v)
				done <- v
			}()
			f.out[i] = <-done
		}
		return nil
	}))
	return c
}
