package peers_test

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/alitto/pond/v2"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	"github.com/samber/lo/parallel"
	"github.com/sourcegraph/conc/iter"
	"github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"
	"golang.org/x/sync/errgroup"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/peers"
)

func each(t *testing.T, f func(t *testing.T, l peers.Library)) {
	for _, l := range peers.Libraries() {
		t.Run(l.Native.Name, func(t *testing.T) { f(t, l) })
	}
}

func TestPanics(t *testing.T) {
	each(t, func(t *testing.T, l peers.Library) {
		words, ran := outcome(t, l, "panic")
		ok := false
		switch l.Traits.Panic {
		case peers.Dies:
			ok = strings.HasPrefix(words, "died: ") && strings.Contains(words, "panic: boom")
		case peers.Swallowed:
			ok = words == "returned: <nil>\n" && ran == tasks
		case peers.Returned:
			ok = strings.HasPrefix(words, "returned: ") && strings.Contains(words, "boom") && ran == 1
		case peers.Propagated:
			ok = strings.HasPrefix(words, "panicked: ") && strings.Contains(words, "boom") && ran == tasks
		case peers.PropagatedLosing:
			ok = strings.HasPrefix(words, "panicked: ") && strings.Contains(words, "boom") && ran == 1
		}
		if !ok {
			t.Errorf("the trait of panics is %q; but %d of %d tasks ran, and the job %s", l.Traits.Panic, ran, tasks, words)
		}
	})
}

func TestGoexit(t *testing.T) {
	each(t, func(t *testing.T, l peers.Library) {
		words, ran := outcome(t, l, "goexit")
		ok := false
		switch l.Traits.Goexit {
		case peers.Alone:
			ok = words == "returned: <nil>\n" && ran == tasks
		case peers.Hangs: // other tasks run, but the job waits for the task that ended
			ok = words == "hangs\n" && ran > 1
		case peers.LosesWorker: // the pool loses its only worker, so no other task runs
			ok = words == "hangs\n" && ran == 1
		case peers.LosesRest:
			ok = words == "returned: <nil>\n" && ran == 1
		}
		if !ok {
			t.Errorf("the trait of Goexit is %q; but %d of %d tasks ran, and the job %s", l.Traits.Goexit, ran, tasks, words)
		}
	})
}

// plainTasks holds the functions that take tasks in libraries whose tasks return nothing.
var plainTasks = map[string]any{
	"ants":        (*ants.Pool).Submit,
	"conc-iter":   iter.Iterator[int].ForEachIdx,
	"conc-stream": (*stream.Stream).Go, // its tasks return a callback
	"workerpool":  (*workerpool.WorkerPool).Submit,
	"lo":          parallel.ForEach[int],
	"goroutines":  func(task func()) { go task() },
}

func TestErrors(t *testing.T) {
	each(t, func(t *testing.T, l peers.Library) {
		if l.Traits.Errors == peers.NoErrors {
			f := reflect.TypeOf(plainTasks[l.Native.Name])
			task := f.In(f.NumIn() - 1)
			if task.Kind() != reflect.Func || task.NumOut() > 0 && task.Out(0) == reflect.TypeFor[error]() {
				t.Errorf("tasks are %v, which may return an error", task)
			}
			return
		}
		n := native(l, 1)
		defer n.Close()
		errs := []error{errors.New("the first"), errors.New("the second")}
		var ran atomic.Int64
		err := run(t.Context(), n, tasks, func(i int) error {
			ran.Add(1)
			if i < len(errs) {
				return errs[i]
			}
			return nil
		})
		all := l.Traits.Errors == peers.AllErrors
		if !errors.Is(err, errs[0]) || errors.Is(err, errs[1]) != all {
			t.Errorf("the trait of errors is %q; got %v", l.Traits.Errors, err)
		}
		if stopped := ran.Load() == 1; stopped != l.Traits.ErrorStops || !stopped && ran.Load() != tasks {
			t.Errorf("%d of %d tasks ran, two with an error; ErrorStops is %v", ran.Load(), tasks, l.Traits.ErrorStops)
		}
	})
}

func TestCancel(t *testing.T) {
	each(t, func(t *testing.T, l peers.Library) {
		n := native(l, 1)
		defer n.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var ran atomic.Int64
		run(ctx, n, tasks, func(int) error {
			ran.Add(1)
			cancel()
			return nil
		})
		if want := map[bool]int64{true: 1, false: tasks}[l.Traits.Cancel]; ran.Load() != want {
			t.Errorf("%d tasks ran in a job whose first task ends the context, want %d", ran.Load(), want)
		}
	})
}

func TestOrder(t *testing.T) {
	each(t, func(t *testing.T, l peers.Library) {
		n := native(l, 2)
		defer n.Close()
		if l.Traits.Order != (n.Stream != nil) || (l.Native.Capabilities.Idiom == catalog.StreamIdiom) != l.Traits.Order {
			t.Fatalf("the trait of order is %v, the idiom %v", l.Traits.Order, l.Native.Capabilities.Idiom)
		}
		if n.Stream == nil {
			return
		}
		second := make(chan bool)
		var got []int
		err := n.RunStream(t.Context(), strategies.Options{}, 100, func(i int) func() {
			switch i {
			case 0:
				<-second
			case 1:
				close(second)
			}
			return func() { got = append(got, i) }
		})
		if err != nil || !slices.IsSorted(got) || len(got) != 100 {
			t.Errorf("delivered %v, %v", got, err)
		}
	})
}

func TestBound(t *testing.T) {
	each(t, func(t *testing.T, l peers.Library) {
		const workers = 3
		n := native(l, workers)
		defer n.Close()
		var now, ever atomic.Int64
		all := make(chan bool)
		run(t.Context(), n, 200, func(int) error {
			if now.Add(1) > workers && !l.Native.Capabilities.Unbounded {
				t.Errorf("more than %d tasks at once", workers)
			}
			defer now.Add(-1)
			if l.Native.Capabilities.Unbounded { // all tasks wait for each other
				if ever.Add(1) == 200 {
					close(all)
				}
				<-all
			}
			runtime.Gosched()
			return nil
		})
	})
}

// submitters holds, for each library with a submit function, a function that makes a pool of two
// workers and returns its submit function.
var submitters = map[string]func(*testing.T) (submit func(func()), end func()){
	"ants": func(t *testing.T) (func(func()), func()) {
		p, err := ants.NewPool(2)
		if err != nil {
			t.Fatal(err)
		}
		return func(f func()) { p.Submit(f) }, p.Release
	},
	"pond": func(*testing.T) (func(func()), func()) {
		p := pond.NewPool(2)
		g := p.NewGroup()
		return func(f func()) { g.Submit(f) }, p.StopAndWait
	},
	"conc-pool": func(*testing.T) (func(func()), func()) {
		p := pool.New().WithMaxGoroutines(2)
		return p.Go, p.Wait
	},
	"conc-stream": func(*testing.T) (func(func()), func()) {
		s := stream.New().WithMaxGoroutines(2)
		return func(f func()) { s.Go(func() stream.Callback { f(); return func() {} }) }, s.Wait
	},
	"errgroup": func(*testing.T) (func(func()), func()) {
		g := new(errgroup.Group)
		g.SetLimit(2)
		return func(f func()) { g.Go(func() error { f(); return nil }) }, func() { g.Wait() }
	},
	"workerpool": func(*testing.T) (func(func()), func()) {
		p := workerpool.New(2)
		return p.Submit, p.StopWait
	},
	"goroutines": func(*testing.T) (func(func()), func()) {
		return func(f func()) { go f() }, func() {}
	},
}

func TestSubmit(t *testing.T) {
	each(t, func(t *testing.T, l peers.Library) {
		make2, has := submitters[l.Native.Name]
		if has == (l.Traits.Submit == peers.Whole) {
			t.Fatalf("the trait of submitting is %q; the library has a submit function: %v", l.Traits.Submit, has)
		}
		if !has {
			return
		}
		submit, end := make2(t)
		const n = 500
		var done atomic.Int64
		ended := make(chan bool, n)
		gate := make(chan bool)
		waits := l.Traits.Submit == peers.Blocks
		if waits {
			close(gate)
		}
		for i := range n {
			submit(func() {
				<-gate
				for range 10 {
					runtime.Gosched()
				}
				done.Add(1)
				ended <- true
			})
			if open := int64(i+1) - done.Load(); waits && open > 2+2 {
				t.Fatalf("the pool accepted %d tasks that are not done, with two workers", open)
			}
		}
		if !waits {
			close(gate) // all tasks are submitted, and none is done
		}
		for range n {
			<-ended
		}
		end()
	})
}
