package strategiestest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var placementRules = []rule{
	{"keys", `All tasks with the same key run on one worker, one at a time and in input order. So
they share the state of that worker.`, needs{inside, keys}, keyOrder},
	{"keys that fail", `If a key function panics or calls runtime.Goexit, only its task fails.`, needs{inside, keys}, keysThatFail},
	{"keys of futures", `All futures with the same key run on one worker, in the order of their submission.`, needs{inside, keys}, keysOfFutures},
	{"equal shares", `If tasks stay with the worker that first received them, all workers receive
equal numbers of tasks. If a worker runs a long task, its other tasks wait, even if other workers
are free.`, needs{inside, fixed, parallel}, equalShares},
	{"state of workers", `Each worker has its own value of a Local. At most one task at a time uses this value.
If an executor keeps no state for its workers, Local.Of panics with ErrNoWorker.`, needs{inside}, stateOfWorkers},
	{"state from state", `The function New of a Local, which creates its value, may use another Local. If New
fails, only the task that called it fails, and the next task calls New again.`, needs{inside, exits}, stateFromState},
	{"one at a time", `If the strategy is exclusive, one task runs at a time. While a task waits
in Wait or Blocking, another task runs. After the wait, again only one task runs, even if the wait
ended by a panic or Goexit.`, needs{inside, exclusive}, oneAtATime},
}

// A tally holds the tasks that one worker has run. For each key, it lists the tasks with that key
// in the order in which they ran.
type tally map[int][]int

// A ledger records which worker ran which tasks: it has a tally for each worker.
type ledger struct {
	strategies.Local[tally]
	mu  sync.Mutex
	all []tally
}

func newLedger() *ledger {
	l := new(ledger)
	l.New = func() tally {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.all = append(l.all, tally{})
		return l.all[len(l.all)-1]
	}
	return l
}

// enter adds the task to the tally of the worker that runs it. ctx is the context of that task.
func (l *ledger) enter(ctx context.Context, key, task int) {
	c := *l.Of(ctx)
	c[key] = append(c[key], task)
}

// check reports a failure unless n tasks ran, and all tasks with the same key ran on one worker, in
// the order of their numbers. The failure message begins with subject.
func (l *ledger) check(t *testCase, subject string, n int) {
	t.Helper()
	total, seen := 0, map[int]bool{}
	for _, c := range l.all {
		for key, tasks := range c {
			t.check(!seen[key], "%s: two workers ran tasks with key %d", subject, key)
			seen[key] = true
			total += len(tasks)
			t.check(slices.IsSorted(tasks), "%s: tasks with key %d ran in the order %v, want increasing numbers", subject, key, tasks)
		}
	}
	want(t, subject+": tasks that ran", total, n)
}

func keyOrder(t *testCase) {
	const workers, n, keys = 3, 500, 7
	ex := t.executor(workers)
	var l *ledger
	var at [keys]atomic.Int32
	k := kernel(func(ctx context.Context, i int) (int, error) {
		key := i * i % keys
		t.check(at[key].Add(1) == 1, "two tasks with key %d run at the same time", key)
		defer at[key].Add(-1)
		l.enter(ctx, key, i)
		switch i % 97 {
		case 1:
			panic("boom")
		case 2:
			runtime.Goexit()
		case 3:
			runtime.Gosched()
		}
		return i, nil
	})
	k.Key = func(i int) uint64 { return uint64(i * i % keys) }
	for size, window := range cross([]int{1, 7}, []int{1, 7, 64}) {
		for _, e := range jobEntries {
			l = newLedger()
			outcomes(t, ex, k, numbers(n), strategies.Options{Chunk: chunk.Fixed(size), Window: window}, e)
			l.check(t, string(e), n)
		}
	}
}

func keysThatFail(t *testCase) {
	const n = 60
	ex := t.executor(2)
	k := identity
	k.Key = func(i int) uint64 {
		switch i % 10 {
		case 3:
			panic(errAct)
		case 4:
			runtime.Goexit()
		}
		return uint64(i)
	}
	for _, e := range allEntries {
		in := numbers(n)
		for i, o := range outcomes(t, ex, k, in, strategies.Options{Window: 8}, e) {
			failure := map[int]error{3: errAct, 4: strategies.ErrGoexit}[i%10]
			if _, named := errors.AsType[*strategies.CallbackError](o.err); failure != nil {
				t.check(named, "%s: the error of task %d does not wrap a CallbackError: %v", e, i, o.err)
			}
			t.check(errors.Is(o.err, failure) && (failure != nil || o.value == i), "%s: task %d: got %s, want error %v", e, i, o, failure)
		}
	}
	t.healthy(ex, 2)
}

func keysOfFutures(t *testCase) {
	const n, keys = 300, 5
	ex := t.executor(3)
	l := newLedger()
	k := kernel(func(ctx context.Context, i int) (int, error) {
		l.enter(ctx, i%keys, i)
		return i, nil
	})
	k.Key = func(i int) uint64 { return uint64(i % keys) }
	for i, o := range outcomes(t, ex, k, numbers(n), strategies.Options{}, asFutures) {
		t.check(o.err == nil && o.value == i, "future %d: got %s, want its input as the output", i, o)
	}
	l.check(t, "futures", n)
	for _, c := range l.all {
		for key, tasks := range c {
			want(t, "futures with the same key", len(tasks), n/keys)
			want(t, "key of the first future that a worker ran", tasks[0]%keys, key)
		}
	}
}

func equalShares(t *testCase) {
	const workers, n = 2, 100
	ex := t.executor(workers)
	l := newLedger()
	var others atomic.Int64
	k := kernel(func(ctx context.Context, i int) (int, error) {
		if i == 0 {
			until(func() bool { return others.Load() == n/workers })
			for range 100 { // other workers could take more tasks now
				runtime.Gosched()
			}
		} else {
			others.Add(1)
		}
		l.enter(ctx, 0, i)
		return i, nil
	})
	_, err := k.Map(background, ex, numbers(n), strategies.Options{})
	t.ok(err)
	for _, c := range l.all {
		want(t, "tasks that one worker ran", len(c[0]), n/workers)
	}
}

func stateOfWorkers(t *testCase) {
	const n = 500
	type desk struct{ users, tasks atomic.Int64 }
	workers := t.workers(3)
	ex := t.executor(workers)
	desks := make(chan *desk, 5*n)
	local := &strategies.Local[*desk]{New: func() *desk {
		d := new(desk)
		desks <- d
		return d
	}}
	k := kernel(func(ctx context.Context, i int) (int, error) {
		d := *local.Of(ctx)
		t.check(d.users.Add(1) == 1, "two tasks use the value of one worker at the same time")
		defer d.users.Add(-1)
		d.tasks.Add(1)
		runtime.Gosched()
		if i%50 == 7 {
			runtime.Goexit()
		}
		return i, nil
	})
	if _, err := k.Go(background, ex, 0, strategies.Options{}).Wait(background); err != nil {
		t.is("task that uses a Local, if the executor keeps no state for workers", err, strategies.ErrNoWorker)
		return
	}
	for _, e := range allEntries {
		outcomes(t, ex, k, numbers(n), strategies.Options{Window: 16}, e)
	}
	close(desks)
	t.check(len(desks) <= workers || t.can().Unbounded, "New made %d values for only %d workers", len(desks), workers)
	tasks := int64(0)
	for d := range desks {
		tasks += d.tasks.Load()
	}
	want(t, "tasks that used the value of a Local", tasks, int64(len(allEntries)*n+1))
}

func stateFromState(t *testCase) {
	ex := t.executor(1)
	type value struct{ whole, part strategies.Local[int] }
	var v value
	var task context.Context
	calls := 0
	v.part.New = func() int { return 3 }
	v.whole.New = func() int {
		switch calls++; calls {
		case 1:
			panic("boom")
		case 2:
			runtime.Goexit()
		}
		return *v.part.Of(task) + 4
	}
	k := kernel(func(ctx context.Context, _ int) (int, error) {
		task = ctx
		return *v.whole.Of(ctx), nil
	})
	for i := range 4 {
		n, err := k.Go(background, ex, 0, strategies.Options{}).Wait(background)
		if errors.Is(err, strategies.ErrNoWorker) {
			return
		}
		t.check(i < 2 && err != nil || i >= 2 && err == nil && n == 7, "task %d: got value %d, error %v; want a failure of tasks 0 and 1, and value 7 of later tasks", i, n, err)
	}
	want(t, "calls of the function New of a Local", calls, 3)
}

func oneAtATime(t *testCase) {
	const workers = 4
	ex := t.executor(workers)
	var running, waiting atomic.Int32
	k := kernel(func(ctx context.Context, i int) (int, error) {
		compute := func() {
			for range 20 {
				t.check(running.Add(1) == 1, "two tasks of an exclusive strategy run at the same time")
				runtime.Gosched()
				running.Add(-1)
			}
		}
		compute()
		strategies.Blocking(ctx, func() { // wait until all workers wait
			waiting.Add(1)
			until(func() bool { return waiting.Load()%workers == 0 || waiting.Load() > workers })
		})
		compute()
		t.ok(strategies.Wait(ctx, 0))
		compute()
		switch i % 3 {
		case 1:
			strategies.Blocking(ctx, func() { panic("boom") })
		case 2:
			strategies.Blocking(ctx, runtime.Goexit)
		}
		return i, nil
	})
	for _, size := range []int{1, 3} {
		waiting.Store(0)
		want(t, "tasks that failed", mapFails(t, ex, k, numbers(12*size), chunked(size)).Failed, 8*size)
	}
	waiting.Store(0)
	for _, o := range outcomes(t, ex, k, make([]int, workers), strategies.Options{}, asFutures) {
		t.ok(o.err)
	}
	t.healthy(ex, workers)
}
