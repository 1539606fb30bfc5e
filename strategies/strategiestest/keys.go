package strategiestest

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
)

var keyRules = []rule{
	{"keys", `Tasks with equal keys run on one worker, one at a time, in the order of the input;
the worker keeps their state.`, inside | keys, keyOrder},
	{"keys that fail", `A key function that panics or ends its goroutine fails its task alone.`, inside | keys, keysThatFail},
	{"keys of futures", `Futures with equal keys run on one worker in the order in which they were
submitted.`, inside | keys, keysOfFutures},
}

// A tally is the tasks that one worker has run, by key, in order.
type tally map[int][]int

// A ledger gives each worker a tally.
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

// enter adds a task to the tally of its worker.
func (l *ledger) enter(ctx context.Context, key, task int) {
	c := *l.Of(ctx)
	c[key] = append(c[key], task)
}

// check reports a failure unless n tasks ran, those of each key on one worker and in order.
func (l *ledger) check(t *testCase, what string, n int) {
	t.t.Helper()
	total, seen := 0, map[int]bool{}
	for _, c := range l.all {
		for key, tasks := range c {
			if seen[key] {
				t.Errorf("%s: two workers had key %d", what, key)
			}
			seen[key] = true
			total += len(tasks)
			if !slices.IsSorted(tasks) {
				t.Errorf("%s: tasks of key %d ran in the order %v", what, key, tasks)
			}
		}
	}
	want(t, what+": tasks that ran", total, n)
}

func keyOrder(t *testCase) {
	const workers, n, keys = 3, 1000, 7
	ex := t.executor(workers)
	var l *ledger
	var at [keys]atomic.Int32
	k := kernel(func(ctx context.Context, i int) (int, error) {
		key := i * i % keys
		if at[key].Add(1) > 1 {
			t.Errorf("two tasks of key %d at once", key)
		}
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
	for _, size := range []int{1, 7} {
		for _, window := range []int{size, 64} {
			o := chunked(size)
			o.Window = window
			for _, e := range jobEntries {
				l = newLedger()
				outcomes(t, ex, k, numbers(n), o, e)
				l.check(t, string(e), n)
			}
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
		for i, o := range outcomes(t, ex, k, numbers(n), strategies.Options{Window: 8}, e) {
			switch {
			case i%10 == 3:
				t.is("task whose key panics", o.err, errAct)
			case i%10 == 4:
				t.is("task whose key calls Goexit", o.err, strategies.ErrGoexit)
			case o.err != nil || o.value != i:
				t.Errorf("%s: sibling %d of tasks whose key fails: %s", e, i, o)
			}
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
		if o.err != nil || o.value != i {
			t.Errorf("future %d: %s", i, o)
		}
	}
	l.check(t, "futures", n)
	for _, c := range l.all {
		for key, tasks := range c {
			want(t, "futures of a key", len(tasks), n/keys)
			want(t, "key of a future", tasks[0]%keys, key)
		}
	}
}
