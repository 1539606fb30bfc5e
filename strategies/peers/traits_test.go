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
			t.Errorf("a panic is said to be: %s; but %d of %d tasks ran, and it %s", l.Traits.Panic, ran, tasks, words)
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
		case peers.Hangs: // the task that is waited for is the one that is gone
			ok = words == "hangs\n" && ran > 1
		case peers.LosesWorker: // the only one there is, so nobody runs the others
			ok = words == "hangs\n" && ran == 1
		case peers.LosesRest:
			ok = words == "returned: <nil>\n" && ran == 1
		}
		if !ok {
			t.Errorf("Goexit is said to be: %s; but %d of %d tasks ran, and it %s", l.Traits.Goexit, ran, tasks, words)
		}
	})
}

// plainTasks are the functions that take tasks, of libraries whose tasks return nothing.
var plainTasks = map[string]any{
	"ants":        (*ants.Pool).Submit,
	"conc-iter":   iter.Iterator[int].ForEachIdx,
	"conc-stream": (*stream.Stream).Go, // but for their callback
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
			t.Errorf("errors are said to be: %s; got %v", l.Traits.Errors, err)
		}
		if stopped := ran.Load() == 1; stopped != l.Traits.ErrorStops || !stopped && ran.Load() != tasks {
			t.Errorf("after an error %d of %d tasks ran; it is said to stop the rest: %v", ran.Load(), tasks, l.Traits.ErrorStops)
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
			t.Errorf("after its context has ended %d tasks ran, want %d", ran.Load(), want)
		}
	})
}

func TestOrder(t *testing.T) {
	each(t, func(t *testing.T, l peers.Library) {
		n := native(l, 2)
		defer n.Close()
		if l.Traits.Order != (n.Stream != nil) || (l.Native.Capabilities.Idiom == catalog.StreamIdiom) != l.Traits.Order {
			t.Fatalf("order is said to be %v, the idiom %v", l.Traits.Order, l.Native.Capabilities.Idiom)
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
			if l.Native.Capabilities.Unbounded { // they all wait for each other
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

// submitters are the submit functions of libraries that have one, for two workers.
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
			t.Fatalf("submitting is said to be: %s; is there a submit function? %v", l.Traits.Submit, has)
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
				t.Fatalf("%d tasks are accepted and not done, on two workers", open)
			}
		}
		if !waits {
			close(gate) // with all submitted and none done
		}
		for range n {
			<-ended
		}
		end()
	})
}
