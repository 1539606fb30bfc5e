// Package strategiestest holds executors to their rules.
//
//  1. A test calls [Run] with a strategy and its configuration.
//  2. Run goes through a table of cases. Each has a name, the text of the rule that
//     it holds, what a strategy must be able to do for the rule to apply, and a
//     function.
//  3. A case that fails prints its rule; one that does not apply is skipped and says
//     why; one that hangs prints all goroutines, has its worker processes killed,
//     fails, and is the last.
//  4. After each case nothing may be left: goroutines, descriptors, child processes,
//     temporary files.
//
// Strategies whose workers are processes run kernels by name: their worker program
// serves [Kernels], and is told the strategy for pools inside of tasks. A test binary can be
// its own worker program:
//
//	func TestMain(m *testing.M) {
//		if len(os.Args) == 2 && os.Args[1] == "worker" {
//			worker.Serve(strategiestest.Kernels(procs.Config{}.Strategy()))
//			os.Exit(0)
//		}
//		os.Exit(m.Run())
//	}
//
// A new rule is a line in one of the tables and a function beside it.
package strategiestest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// A rule is one row of the suite.
type rule struct {
	name  string
	text  string // what must hold
	needs needs
	run   func(t *T)
}

// needs says to which strategies a rule applies.
type needs uint16

const (
	processes needs = 1 << iota // workers are processes
	inside                      // workers are in this process
	parallel                    // more than one task runs at a time
	nests                       // a task may wait for a job of its own executor
	balances                    // a worker that is free runs what waits behind one that is not
	fixed                       // it does not
	keys                        // tasks with equal keys run on one worker
	resumes                     // it runs kernels by their resumable form
	exclusive                   // one task runs at a time, but for those that wait
	limits                      // Options.Limit is enforced
	retries                     // Options.Retries is honoured
	bounded                     // no more tasks run at once than there are workers
	exits                       // a task may call runtime.Goexit and cost nobody a worker
	recycles                    // Setting.Recycle is honoured
	prepares                    // Setting.Prepare is honoured
)

// unmet returns why a rule does not apply to a strategy with capabilities c, or "".
func (n needs) unmet(c catalog.Capabilities) string {
	switch {
	case n&processes != 0 && !c.Processes:
		return "its workers are not processes"
	case n&inside != 0 && c.Processes:
		return "its workers are processes"
	case n&nests != 0 && !c.Nests:
		return "its tasks cannot wait for its own jobs"
	case n&balances != 0 && !c.Balances:
		return "its tasks stay with the worker that they were given to"
	case n&fixed != 0 && c.Balances:
		return "its workers take what waits behind others"
	case n&keys != 0 && !c.Keys:
		return "it knows no keys"
	case n&resumes != 0 && !c.Resumes:
		return "it does not run resumable forms"
	case n&exclusive != 0 && !c.Exclusive:
		return "its tasks do not exclude each other"
	case n&limits != 0 && !c.Limits:
		return "it cannot enforce limits"
	case n&retries != 0 && !c.Retries:
		return "it does not run tasks again"
	case n&recycles != 0 && !c.Recycles:
		return "it does not recycle its workers"
	case n&prepares != 0 && !c.Prepares:
		return "it does not prepare its workers"
	case n&parallel != 0 && !c.Parallel:
		return "it runs one task at a time"
	case n&bounded != 0 && c.Unbounded:
		return "its tasks run all at once"
	case n&exits != 0 && c.LosesGoexit:
		return "a task that calls runtime.Goexit may cost it a worker for good"
	}
	return ""
}

// Run holds s to every rule that applies to it. The configuration says what s needs to
// run at all, such as the worker program; the cases choose the number of workers.
// Cases do not run in parallel: each looks for what it leaves behind.
func Run(t *testing.T, s catalog.Strategy, config func(t *testing.T) catalog.Config) {
	run(t, s, config, rules())
}

func rules() []rule {
	return slices.Concat(outcomeRules, failureRules, optionRules, streamRules, endRules, inputRules, misuseRules, futureRules, hookRules, countRules, lifeRules, jobRules, nestedRules, nestedFutureRules, placeRules, loopRules, processRules, generationRules, familyRules)
}

// RunInBubble holds s to the rules about how time passes, in a time of their own (see
// testing/synctest). It is for strategies in this process all of whose goroutines are
// their own: a pool that shares some with the whole program cannot be in a bubble.
func RunInBubble(t *testing.T, s catalog.Strategy, config func(t *testing.T) catalog.Config) {
	run(t, s, config, limitRules)
}

func run(t *testing.T, s catalog.Strategy, config func(t *testing.T) catalog.Config, rules []rule) {
	hung := false
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if hung {
				t.Skip("another case still runs")
			}
			hung = !hold(t, r, &T{Strategy: s, config: config(t), turn: -1})
		})
	}
}

// hold holds c's strategy to a rule, and returns false if the case hangs.
func hold(t *testing.T, r rule, c *T) (ended bool) {
	if why := r.needs.unmet(c.Strategy.Capabilities); why != "" {
		t.Skipf("does not apply to %s: %s", c.Strategy.Name, why)
	}
	t.Setenv("TMPDIR", t.TempDir())
	c.t = t
	before := observe(t)
	ended = watch(t, func() { c.do(r.run) })
	if !t.Failed() {
		before.compare(t)
	}
	if t.Failed() {
		t.Logf("the rule: %s", r.text)
	}
	return ended
}

// A T is one case at work: what fails in it, and what it uses.
type T struct {
	t        *testing.T
	Strategy catalog.Strategy
	config   catalog.Config
	setting  catalog.Setting // that the strategy has, beside what is its own choice
	turn     int             // of the case in a cover; -1 if the rule is held to in full

	mu       sync.Mutex
	cleanups []func()
}

// do runs f on a goroutine of its own, which Fatalf can end, and cleans up.
func (t *T) do(f func(*T)) {
	var wg sync.WaitGroup
	wg.Go(func() { f(t) })
	wg.Wait()
	for len(t.cleanups) > 0 {
		last := len(t.cleanups) - 1
		f := t.cleanups[last]
		t.cleanups = t.cleanups[:last]
		f()
	}
}

func (t *T) cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

// Errorf reports a failure.
func (t *T) Errorf(format string, args ...any) {
	t.t.Helper()
	t.t.Errorf(format, args...)
}

// Fatalf reports a failure and ends the goroutine that calls it.
func (t *T) Fatalf(format string, args ...any) {
	t.t.Helper()
	t.t.Errorf(format, args...)
	runtime.Goexit()
}

// ok ends the case if err is not nil.
func (t *T) ok(err error) {
	t.t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// want reports what is not as it should be.
func want[V comparable](t *T, what string, got, want V) {
	t.t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// within reports a failure unless got is from lo to hi.
func within(t *T, what string, got, lo, hi int) {
	t.t.Helper()
	if got < lo || got > hi {
		t.Errorf("%s: got %v, want %v to %v", what, got, lo, hi)
	}
}

// processes reports whether workers are processes.
func (t *T) processes() bool { return t.Strategy.Capabilities.Processes }

// executor makes an executor with this many workers, or 1 if the strategy has no more.
// It is closed when the case is over, stopped if the case failed.
func (t *T) executor(workers int) strategies.Executor {
	t.t.Helper()
	c := t.config
	c.Workers = t.workers(workers)
	ex, err := t.Strategy.New(context.Background(), c)
	t.ok(err)
	t.cleanup(func() {
		if t.t.Failed() {
			ex.Stop(cancelled)
		} else if err := ex.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return ex
}

// workers is how many of n workers the strategy will have.
func (t *T) workers(n int) int {
	if !t.Strategy.Capabilities.Parallel {
		return 1
	}
	return n
}

var cancelled = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// results maps acts and returns outputs and error; the error is nil or a JobError,
// whatever else it is ends the case.
func (t *T) results(ex strategies.Executor, acts []Act, o strategies.Options) ([]Done, *strategies.JobError) {
	t.t.Helper()
	o.Order, o.Window = strategies.InputOrder, 0 // those of a stream of the same tasks
	out, err := ActKernel.Map(context.Background(), ex, acts, o)
	if err == nil {
		return out, nil
	}
	var e *strategies.JobError
	if !errors.As(err, &e) {
		t.Fatalf("map returned a %T: %v", err, err)
	}
	return out, e
}

// healthy reports a failure unless all workers of ex, one after the other and at once,
// do as they should.
func (t *T) healthy(ex strategies.Executor, workers int) {
	t.t.Helper()
	workers = t.workers(workers)
	g := t.gate()
	mapped := make(chan error, 1)
	go func() {
		_, err := ActKernel.Map(context.Background(), ex, g.waiters(0, workers), strategies.Options{})
		mapped <- err
	}()
	var err error
	ended := false
	until(func() bool {
		select {
		case err = <-mapped:
			ended = true
		default:
		}
		return ended || g.count() >= workers
	})
	g.open()
	if !ended {
		err = <-mapped
	}
	if err != nil {
		t.Errorf("%d tasks at once afterwards: %v", workers, err)
	}
}

// plain returns n acts that do nothing but succeed.
func plain(n int) []Act {
	acts := make([]Act, n)
	for i := range acts {
		acts[i] = Act{Index: i}
	}
	return acts
}

// A told is one outcome in words, so that outcomes of different jobs compare.
func told(d Done, err error) string {
	var te *strategies.TaskError
	switch {
	case err == nil:
		return fmt.Sprintf("value %d", d.Index)
	case errors.As(err, &te):
		return fmt.Sprintf("task %d: %v", te.Task, te.Err)
	}
	return err.Error()
}
