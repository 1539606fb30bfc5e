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

var hookRules = []rule{
	{"hooks", `Hooks are told the one outcome of every task, with its index, attempt and worker, one
after the other, and all before the job ends. Progress ends at all tasks.`, 0, hooks},
	{"hooks in order", `Hooks are told in the order of completion.`, parallel | balances, hooksInOrder},
	{"hooks that fail", `A hook that panics or calls runtime.Goexit disturbs no task and no other
hook, and the job's error says so.`, 0, hooksFail},
	{"hooks use the executor", `A hook may submit work or stop the executor.`, 0, hooksUse},
	{"slow hooks", `A task counts against a stream's window until its hook has run; progress is told
less often where it is slow.`, 0, slowHooks},
	{"hooks of what is cancelled", `Tasks that never start are told as such.`, 0, hooksOfCancelled},
}

// runWith runs acts as a map or as streams and returns what it ended with, JobErrors in
// pieces.
func runWith(ex strategies.Executor, acts []Act, o strategies.Options, sort int) (errs []error) {
	ctx := context.Background()
	if sort == 0 {
		o.Window = 0
		_, err := ActKernel.Map(ctx, ex, acts, o)
		var e *strategies.JobError
		if errors.As(err, &e) {
			return e.Unwrap()
		}
		return []error{err}
	}
	o.Order = orders[sort-1]
	for _, err := range ActKernel.Stream(ctx, ex, slices.Values(acts), o) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

func hooks(t *T) {
	const workers = 2
	ex := t.executor(workers)
	acts := t.every(200)
	for sort := range 3 {
		for _, size := range []int{1, 7} {
			var inside atomic.Int32
			told := make([]int, len(acts))
			see := func(e strategies.Event, failed bool) {
				if inside.Add(1) != 1 {
					t.Errorf("two hooks at once")
				}
				defer inside.Add(-1)
				told[e.Task]++
				d, _ := e.Output.(Done)
				var te *strategies.TaskError
				switch {
				case failed != (acts[e.Task].Do != ""), failed != (e.Err != nil), failed != (e.Output == nil):
					t.Errorf("task %d, which should %q, was told as %+v", e.Task, acts[e.Task].Do, e)
				case !failed && d.Index != e.Task:
					t.Errorf("task %d: output %+v", e.Task, d)
				case failed && (!errors.As(e.Err, &te) || te.Task != e.Task):
					t.Errorf("task %d: error %v", e.Task, e.Err)
				}
				if e.Attempt != 1 || e.Worker < 0 || e.Worker >= t.workers(workers) && !t.Strategy.Capabilities.Unbounded || (e.Process != nil) != t.processes() {
					t.Errorf("task %d: %+v", e.Task, e)
				}
			}
			var last strategies.Progress
			o := strategies.Options{Chunk: chunk.Fixed(size), Hooks: &strategies.Hooks{
				Result: func(e strategies.Event) { see(e, false) },
				Error:  func(e strategies.Event) { see(e, true) },
				Progress: func(p strategies.Progress) {
					if p.Done <= last.Done || p.Failed < last.Failed {
						t.Errorf("progress %+v after %+v", p, last)
					}
					last = p
				},
			}}
			runWith(ex, acts, o, sort)
			if i := slices.IndexFunc(told, func(n int) bool { return n != 1 }); i >= 0 {
				t.Errorf("task %d was told %d times", i, told[i])
			}
			total := int64(-1)
			if sort == 0 {
				total = int64(len(acts))
			}
			want(t, "progress at the end", last, strategies.Progress{Done: int64(len(acts)), Failed: int64(len(acts)+2) / 3, Total: total})

			counts := strategies.Progress{} // progress by itself
			o.Hooks = &strategies.Hooks{Progress: func(p strategies.Progress) { counts = p }}
			runWith(ex, acts, o, sort)
			want(t, "progress by itself", counts, last)
		}
	}
}

func hooksInOrder(t *T) {
	ex := t.executor(2)
	for sort := range 3 {
		g := t.gate()
		const n = 30
		acts := slices.Concat(g.waiters(0, 1), g.markers(1, n))
		var order []int
		o := strategies.Options{Hooks: &strategies.Hooks{Result: func(e strategies.Event) {
			if order = append(order, e.Task); len(order) == n {
				g.open()
			}
		}}}
		for _, err := range runWith(ex, acts, o, sort) {
			t.ok(err)
		}
		if len(order) != n+1 || order[n] != 0 {
			t.Errorf("job %d: told in order %v though the first was held", sort, order)
		}
	}
}

func hooksFail(t *T) {
	ex := t.executor(2)
	for sort := range 3 {
		for name, end := range map[string]func(){
			"panic": func() { panic(ErrAct) }, "Goexit": runtime.Goexit, "Goexit, panic": func() { defer panic(ErrAct); runtime.Goexit() },
		} {
			acts := plain(100)
			acts[5].Do, acts[80].Do = Error, Error
			told := 0
			var last strategies.Progress
			errs := runWith(ex, acts, strategies.Options{Hooks: &strategies.Hooks{
				Result: func(e strategies.Event) {
					if told++; told%10 == 3 {
						end()
					}
				},
				Error:    func(e strategies.Event) { told++; end() },
				Progress: func(p strategies.Progress) { last = p },
			}}, sort)
			want(t, "events", told, len(acts))
			want(t, "progress", last.Done, int64(len(acts)))
			failed, hook := 0, 0
			for _, err := range errs {
				var he *strategies.HookError
				var te *strategies.TaskError
				switch {
				case errors.As(err, &he):
					if hook++; he.Count < 10 || he.Count > 12 || he.Hook == "progress" || !errors.Is(he, ErrAct) && !errors.Is(he, strategies.ErrGoexit) {
						t.Errorf("job %d, hooks that end by %s: %v", sort, name, he)
					}
				case errors.As(err, &te) && (te.Task == 5 || te.Task == 80):
					failed++
				default:
					t.Errorf("job %d, hooks that end by %s: %v", sort, name, err)
				}
			}
			want(t, "errors of hooks", hook, 1)
			want(t, "tasks that failed", failed, 2)
		}
	}
	_, err := ActKernel.Map(context.Background(), ex, plain(3), strategies.Options{Hooks: &strategies.Hooks{Progress: func(strategies.Progress) { panic("boom") }}})
	var e *strategies.JobError
	if !errors.As(err, &e) || e.Hook == nil || e.Hook.Hook != "progress" || e.Failed > 0 || e.Task(1) != nil {
		t.Errorf("a job of which only a hook fails: %v", err)
	}
	t.healthy(ex, 2)
}

func hooksUse(t *T) {
	for sort := range 3 {
		ex := t.executor(1)
		inner := 0
		o := strategies.Options{Window: 5, Hooks: &strategies.Hooks{Result: func(e strategies.Event) {
			if e.Task%10 == 0 {
				out, err := ActKernel.Map(context.Background(), ex, plain(3), strategies.Options{})
				t.ok(err)
				inner += len(out)
			}
		}}}
		for _, err := range runWith(ex, plain(50), o, sort) {
			t.ok(err)
		}
		want(t, "tasks that hooks ran", inner, 15)

		g := t.gate()
		o.Hooks = &strategies.Hooks{Result: func(e strategies.Event) {
			if e.Task == 0 {
				t.ok(ex.Stop(context.Background()))
			}
		}}
		errs := runWith(ex, slices.Concat(g.markers(0, 1), g.waiters(1, 99)), o, sort)
		if len(errs) == 0 || !errors.Is(errs[len(errs)-1], strategies.ErrClosed) {
			t.Errorf("job %d, stopped by its hook, ended with %v", sort, errs)
		}
	}
}

func slowHooks(t *T) {
	const n, w = 200, 5
	ex := t.executor(2)
	for _, order := range orders {
		for _, hook := range []string{"result", "error"} {
			var pulled, told atomic.Int64
			delivered := 0
			input := endless(t, &pulled, func(i int) Act {
				if p, h := pulled.Load(), told.Load(); p > h+1+w {
					t.Errorf("%v order, window %d: %d tasks pulled and %d told", order, w, p, h)
				}
				if hook == "error" {
					return Act{Index: i, Do: Error}
				}
				return plainAct(i)
			})
			slow := func(strategies.Event) {
				runtime.Gosched()
				told.Add(1)
			}
			o := strategies.Options{Order: order, Window: w, Hooks: &strategies.Hooks{Result: slow, Error: slow}}
			for range ActKernel.Stream(context.Background(), ex, input, o) {
				if delivered++; delivered == n {
					break
				}
			}
			want(t, "tasks told, of those pulled", told.Load(), pulled.Load())
		}
		// With a hook that is held the stream comes to a stop by itself.
		held := make(chan struct{})
		var once sync.Once
		var pulled atomic.Int64
		delivered := 0
		o := strategies.Options{Order: order, Window: w, Hooks: &strategies.Hooks{Result: func(strategies.Event) { <-held }}}
		for range ActKernel.Stream(context.Background(), ex, endless(t, &pulled, plainAct), o) {
			if delivered++; delivered == w {
				want(t, "tasks pulled while a hook is held", pulled.Load(), w)
				once.Do(func() { close(held) })
			}
			if delivered == n {
				break
			}
		}
	}
	// Progress that is held until the job's tasks are done is called little.
	g := t.gate()
	calls := 0
	_, err := ActKernel.Map(context.Background(), ex, g.markers(0, n), strategies.Options{Hooks: &strategies.Hooks{Progress: func(p strategies.Progress) {
		calls++
		g.arrived(n)
	}}})
	t.ok(err)
	if calls > n/2 {
		t.Errorf("progress was told %d times though it was held until all %d tasks had run", calls, n)
	}
}

func hooksOfCancelled(t *T) {
	for sort := range 3 {
		ex := t.executor(2)
		const n = 300
		g := t.gate()
		acts := slices.Concat([]Act{{Do: Error}}, g.waiters(1, n-1)) // those that run wait for the cancel
		var ran, never, other int
		count := func(e strategies.Event) {
			switch {
			case e.Attempt == 1 && e.Worker >= 0:
				ran++
			case e.Attempt == 0 && e.Worker == -1 && e.Err != nil:
				never++
			default:
				other++
			}
		}
		errs := runWith(ex, acts, strategies.Options{FailFast: true, Window: 20, Hooks: &strategies.Hooks{Result: count, Error: count}}, sort)
		told := ran + never
		if sort == 0 { // its error has the tasks that ran, and the cause
			want(t, "tasks that were told", told, n)
			told = ran + 1
		}
		if other > 0 || ran < 1 || ran > 1+t.workers(2) && !t.Strategy.Capabilities.Unbounded || told != len(errs) {
			t.Errorf("job %d: %d ran, %d never started, %d neither; %d errors", sort, ran, never, other, len(errs))
		}
	}
}
