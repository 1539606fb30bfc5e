package strategiestest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var placeRules = []rule{
	{"equal shares", `Where tasks stay with the worker that they were given to, every worker gets as
many, and what waits behind a long task waits though others are free.`, inside | parallel | fixed, equalShares},
	{"keys", `Tasks with equal keys run on one worker, one at a time, in the order of the input;
the worker keeps their state.`, inside | keys, keyOrder},
	{"keys that fail", `A key function that panics or ends its goroutine fails its task alone.`, inside | keys, keysThatFail},
	{"keys of futures", `Futures with equal keys run on one worker in the order in which they were
submitted.`, inside | keys, keysOfFutures},
	{"state of workers", `Each worker of an executor has a value of its own, which the one task that it
runs has to itself, or Local says that there is none.`, inside, stateOfWorkers},
	{"one at a time", `Where tasks exclude each other one runs at a time, and others run while it
waits by Wait or Blocking, however its wait ends.`, inside | exclusive, oneAtATime},
}

// A tally is what one worker has done.
type tally struct {
	tasks []int
	by    map[uint64][]int // tasks, by their key
}

// tallies gives each worker a tally and remembers them all.
func tallies() (*strategies.Local[*tally], func() []*tally) {
	all := make(chan *tally, 64)
	l := &strategies.Local[*tally]{New: func() *tally {
		c := &tally{by: map[uint64][]int{}}
		all <- c
		return c
	}}
	return l, func() []*tally {
		close(all)
		return slices.Collect(func(yield func(*tally) bool) {
			for c := range all {
				if !yield(c) {
					return
				}
			}
		})
	}
}

func equalShares(t *T) {
	const workers, n = 2, 100
	ex := t.executor(workers)
	local, all := tallies()
	var others atomic.Int64
	k := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
		if i == 0 {
			until(func() bool { return others.Load() == n/workers })
			for range 100 { // for whoever takes more
				runtime.Gosched()
			}
		} else {
			others.Add(1)
		}
		c := *local.Of(ctx)
		c.tasks = append(c.tasks, i)
		return i, nil
	}}
	_, err := resumable(k).Map(context.Background(), ex, numbers(n), strategies.Options{})
	t.ok(err)
	for _, c := range all() {
		want(t, "tasks of a worker", len(c.tasks), n/workers)
	}
}

func numbers(n int) []int {
	in := make([]int, n)
	for i := range in {
		in[i] = i
	}
	return in
}

func keyOrder(t *T) {
	const workers, n, keys = 3, 2000, 7
	ex := t.executor(workers)
	var o strategies.Options
	var local *strategies.Local[*tally]
	var at [keys]atomic.Int32
	k := strategies.Kernel[int, int]{
		Key: func(i int) uint64 { return uint64(i * i % keys) },
		Func: func(ctx context.Context, i int) (int, error) {
			key := i * i % keys
			if at[key].Add(1) > 1 {
				t.Errorf("%+v: two tasks of key %d at once", o, key)
			}
			defer at[key].Add(-1)
			c := *local.Of(ctx)
			c.by[uint64(key)] = append(c.by[uint64(key)], i)
			switch i % 97 {
			case 1:
				panic("boom")
			case 2:
				runtime.Goexit()
			case 3:
				runtime.Gosched()
			}
			return i, nil
		},
	}
	check := func(all []*tally) {
		total, seen := 0, map[uint64]bool{}
		for _, c := range all {
			for key, tasks := range c.by {
				if seen[key] {
					t.Errorf("%+v: two workers had key %d", o, key)
				}
				seen[key] = true
				total += len(tasks)
				if !slices.IsSorted(tasks) {
					t.Errorf("%+v: tasks of key %d ran in the order %v", o, key, tasks)
				}
			}
		}
		want(t, "tasks that ran", total, n)
	}
	for _, size := range []int{1, 7} {
		var all func() []*tally
		o = strategies.Options{Chunk: chunk.Fixed(size)}
		local, all = tallies()
		resumable(k).Map(context.Background(), ex, numbers(n), o)
		check(all())
		for _, order := range orders {
			for _, window := range []int{size, 64} {
				o.Order, o.Window = order, window
				local, all = tallies()
				for range resumable(k).Stream(context.Background(), ex, slices.Values(numbers(n)), o) {
				}
				check(all())
			}
		}
	}
}

func keysThatFail(t *T) {
	const n = 60
	ex := t.executor(2)
	k := strategies.Kernel[int, int]{
		Func: func(_ context.Context, i int) (int, error) { return i, nil },
		Key: func(i int) uint64 {
			switch i % 10 {
			case 3:
				panic(ErrAct)
			case 4:
				runtime.Goexit()
			}
			return uint64(i)
		},
	}
	check := func(i, out int, err error) {
		var te *strategies.TaskError
		switch {
		case i%10 == 3 && (!errors.Is(err, ErrAct) || !errors.As(err, &te)):
			t.Errorf("task %d, whose key panics: %v", i, err)
		case i%10 == 4 && (!errors.Is(err, strategies.ErrGoexit) || !errors.As(err, &te)):
			t.Errorf("task %d, whose key calls Goexit: %v", i, err)
		case i%10 != 3 && i%10 != 4 && (err != nil || out != i):
			t.Errorf("task %d beside them: %d, %v", i, out, err)
		}
	}
	out, err := resumable(k).Map(context.Background(), ex, numbers(n), strategies.Options{})
	var e *strategies.JobError
	if !errors.As(err, &e) {
		t.Fatalf("map: %v", err)
	}
	for i := range n {
		check(i, out[i], e.Task(i))
	}
	i := 0
	for out, err := range resumable(k).Stream(context.Background(), ex, slices.Values(numbers(n)), strategies.Options{Window: 8}) {
		check(i, out, err)
		i++
	}
	want(t, "deliveries", i, n)
	_, err = resumable(k).Go(context.Background(), ex, 3, strategies.Options{}).Wait(context.Background())
	check(3, 0, err)
	t.healthy(ex, 2)
}

func keysOfFutures(t *T) {
	const n = 300
	ex := t.executor(3)
	local, all := tallies()
	k := strategies.Kernel[int, int]{
		Key: func(i int) uint64 { return uint64(i % 5) },
		Func: func(ctx context.Context, i int) (int, error) {
			c := *local.Of(ctx)
			c.by[uint64(i%5)] = append(c.by[uint64(i%5)], i)
			return i, nil
		},
	}
	futures := make([]*strategies.Future[int], n)
	for i := range futures {
		futures[i] = resumable(k).Go(context.Background(), ex, i, strategies.Options{})
	}
	for i, f := range futures {
		out, err := f.Wait(context.Background())
		t.ok(err)
		want(t, "output", out, i)
	}
	total := 0
	for _, c := range all() {
		for key, tasks := range c.by {
			total += len(tasks)
			if !slices.IsSorted(tasks) || len(tasks) != n/5 {
				t.Errorf("futures of key %d ran as %v", key, tasks)
			}
		}
	}
	want(t, "futures that ran", total, n)
}

func stateOfWorkers(t *T) {
	const n = 500
	type desk struct{ users, tasks atomic.Int64 }
	workers := t.workers(3)
	ex := t.executor(workers)
	desks := make(chan *desk, n)
	local := &strategies.Local[*desk]{New: func() *desk {
		d := new(desk)
		desks <- d
		return d
	}}
	k := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
		d := *local.Of(ctx)
		if d.users.Add(1) > 1 {
			t.Errorf("two tasks have one worker's value")
		}
		defer d.users.Add(-1)
		d.tasks.Add(1)
		runtime.Gosched()
		if i%50 == 7 {
			runtime.Goexit()
		}
		return i, nil
	}}
	if _, err := resumable(k).Go(context.Background(), ex, 0, strategies.Options{}).Wait(context.Background()); err != nil {
		if !errors.Is(err, strategies.ErrNoWorker) {
			t.Errorf("state of a worker: %v", err)
		}
		return
	}
	resumable(k).Map(context.Background(), ex, numbers(n), strategies.Options{})
	for range resumable(k).Stream(context.Background(), ex, slices.Values(numbers(n)), strategies.Options{Window: 16}) {
	}
	for i := range 20 {
		resumable(k).Go(context.Background(), ex, i, strategies.Options{}).Wait(context.Background())
	}
	close(desks)
	if len(desks) > workers && !t.Strategy.Capabilities.Unbounded {
		t.Errorf("%d values for %d workers", len(desks), workers)
	}
	total := int64(0)
	for d := range desks {
		total += d.tasks.Load()
	}
	want(t, "tasks that had a value", total, 2*n+21)
}
