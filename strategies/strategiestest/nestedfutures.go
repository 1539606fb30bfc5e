package strategiestest

import (
	"context"
	"errors"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

var nestedFutureRules = []rule{
	{"futures from outside", `A task may wait for a future of its own executor that was submitted from
outside: that ends with its outcome or ErrNested, never in silence.`, inside, futuresFromOutside},
	{"nested through another", `So it is if a task of another executor lies between the two.`, inside, nestedThroughAnother},
}

// waits are the ways to wait for all of some futures. Each returns the outputs' sum.
var waits = []struct {
	name string
	wait func(context.Context, []*strategies.Future[int]) (int, error)
}{
	{"wait", func(ctx context.Context, fs []*strategies.Future[int]) (sum int, err error) {
		for _, f := range fs {
			n, err := f.Wait(ctx)
			if err != nil {
				return 0, err
			}
			sum += n
		}
		return sum, nil
	}},
	{"all", func(ctx context.Context, fs []*strategies.Future[int]) (sum int, err error) {
		out, err := strategies.WaitAll(ctx, fs)
		for _, n := range out {
			sum += n
		}
		return sum, err
	}},
	{"any", func(ctx context.Context, fs []*strategies.Future[int]) (sum int, err error) {
		fs = slices.Clone(fs)
		for len(fs) > 0 {
			i, err := strategies.WaitAny(ctx, fs)
			if err != nil {
				return 0, err
			}
			n, _ := fs[i].Wait(ctx)
			sum += n
			fs = slices.Delete(fs, i, i+1)
		}
		return sum, nil
	}},
	{"first error", func(ctx context.Context, fs []*strategies.Future[int]) (sum int, err error) {
		if err := strategies.WaitFirstError(ctx, fs); err != nil {
			return 0, err
		}
		for _, f := range fs {
			n, _ := f.Wait(ctx)
			sum += n
		}
		return sum, nil
	}},
	{"as completed", func(ctx context.Context, fs []*strategies.Future[int]) (sum int, err error) {
		for _, f := range strategies.AsCompleted(ctx, fs) {
			n, e := f.Wait(ctx)
			sum += n
			err = errors.Join(err, e)
		}
		return sum, err
	}},
}

// progress reports a failure unless a task that waits for its own executor came to sum, or
// to ErrNested where the strategy cannot nest.
func (t *T) progress(what string, got, sum int, err error) {
	t.t.Helper()
	c := t.Strategy.Capabilities
	switch {
	case !c.Nests && errors.Is(err, strategies.ErrNested):
	case (c.Nests || c.Unbounded) && err == nil && got == sum: // one that is not bounded may have been quick
	default:
		t.Errorf("%s: %d, %v; want %d if it nests (%v), else ErrNested", what, got, err, sum, c.Nests)
	}
}

// identity is a kernel that does nothing.
var identity = resumable(strategies.Kernel[int, int]{Func: func(_ context.Context, n int) (int, error) { return n, nil }})

func futuresFromOutside(t *T) {
	ctx := context.Background()
	ex := t.executor(1)
	for _, w := range waits {
		running, submitted := make(chan bool), make(chan []*strategies.Future[int])
		outer := resumable(strategies.Kernel[int, int]{Func: func(ctx context.Context, _ int) (int, error) {
			running <- true
			return w.wait(ctx, <-submitted)
		}})
		behind := func() (fs []*strategies.Future[int]) {
			<-running // it has the only worker
			for n := range 3 {
				fs = append(fs, identity.Go(ctx, ex, n+1, strategies.Options{}))
			}
			submitted <- fs
			return fs
		}
		mapped := make(chan error)
		sum := make([]int, 1)
		go func() { mapped <- outer.MapInto(ctx, ex, []int{0}, sum, strategies.Options{}) }()
		fs := behind()
		t.progress("a task of a map, "+w.name, sum[0], 6, <-mapped)
		_, err := strategies.WaitAll(ctx, fs)
		t.ok(err)

		f := outer.Go(ctx, ex, 0, strategies.Options{})
		fs = behind()
		n, err := f.Wait(ctx)
		t.progress("a future, "+w.name, n, 6, err)
		_, err = strategies.WaitAll(ctx, fs)
		t.ok(err)
	}
}

func nestedThroughAnother(t *T) {
	ctx := context.Background()
	ex := t.executor(1)
	other, err := catalog.Named("pool").New(ctx, catalog.Config{Workers: 2})
	t.ok(err)
	defer other.Close()
	ways := []struct {
		name string
		run  func(context.Context) (int, error)
	}{
		{"map", func(ctx context.Context) (int, error) {
			out, err := identity.Map(ctx, ex, []int{1, 2, 3}, strategies.Options{})
			if err != nil {
				return 0, err
			}
			return out[0] + out[1] + out[2], nil
		}},
		{"stream", func(ctx context.Context) (sum int, err error) {
			for n, e := range identity.Stream(ctx, ex, slices.Values([]int{1, 2, 3}), strategies.Options{Window: 2}) {
				sum += n
				err = errors.Join(err, e)
			}
			return sum, err
		}},
		{"futures", func(ctx context.Context) (int, error) {
			var fs []*strategies.Future[int]
			for n := range 3 {
				fs = append(fs, identity.Go(ctx, ex, n+1, strategies.Options{}))
			}
			return waits[0].wait(ctx, fs)
		}},
	}
	for _, way := range ways {
		middle := strategies.Kernel[int, int]{Func: func(ctx context.Context, _ int) (int, error) { return way.run(ctx) }}
		outer := resumable(strategies.Kernel[int, int]{Func: func(ctx context.Context, _ int) (int, error) {
			out, err := middle.Map(ctx, other, []int{0, 0, 0}, strategies.Options{})
			n, e := middle.Go(ctx, other, 0, strategies.Options{}).Wait(ctx)
			if err := errors.Join(err, e); err != nil {
				return 0, err
			}
			return out[0] + out[1] + out[2] + n, nil
		}})
		n, err := outer.Go(ctx, ex, 0, strategies.Options{}).Wait(ctx)
		t.progress(way.name+" in a future", n, 24, err)
		sum := make([]int, 1)
		err = outer.MapInto(ctx, ex, []int{0}, sum, strategies.Options{})
		t.progress(way.name+" in a map", sum[0], 24, err)
	}
}
