// Package strategiestest holds executors to their rules.
//
//  1. A test calls [Run] with a strategy and its configuration.
//  2. Run goes through a table of rules. Each has a name, a text, the capabilities that a
//     strategy needs for the rule to apply, and a function.
//  3. A case that fails prints its rule. One that does not apply is skipped and says why.
//     One that hangs prints all goroutines, kills its worker processes and fails, and no
//     case follows it.
//  4. After each case nothing may be left: goroutines, descriptors, child processes,
//     temporary files.
//
// Strategies whose workers are processes run kernels by name: their worker program serves
// [Kernels] with the strategy for pools inside tasks. A test binary can be its own worker
// program:
//
//	func TestMain(m *testing.M) {
//		if len(os.Args) == 2 && os.Args[1] == "worker" {
//			worker.Serve(strategiestest.Kernels(procs.Config{}.Strategy()))
//			os.Exit(0)
//		}
//		os.Exit(m.Run())
//	}
//
// A new rule is a row in one of the tables and a function in the same file.
package strategiestest

import (
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/strategies/catalog"
)

// A rule is one row of the suite.
type rule struct {
	name  string
	text  string // what must hold
	needs needs
	run   func(t *testCase)
}

// Run holds s to every rule that applies to it. The configuration has what s needs to run at
// all, such as the worker program; the cases choose the number of workers. Cases do not run
// in parallel, since each looks for what it leaves behind.
func Run(t *testing.T, s catalog.Strategy, config func(t *testing.T) catalog.Config) {
	run(t, s, config, rules())
}

// RunInBubble holds s to the rules about how time passes, in a time of their own (see
// testing/synctest). It is for strategies in this process that share no goroutine with the
// rest of the program: a bubble must hold all of them.
func RunInBubble(t *testing.T, s catalog.Strategy, config func(t *testing.T) catalog.Config) {
	run(t, s, config, limitRules)
}

// RunRest is [Run] without the rules of [Cover].
func RunRest(t *testing.T, s catalog.Strategy, config func(t *testing.T) catalog.Config) {
	run(t, s, config, slices.DeleteFunc(rules(), rule.inPairs))
}

// Cover holds a strategy whose workers are processes to the rules about processes, over all
// starts and transports, where [Run] holds it to all rules over one of each. It covers them
// in pairs: every rule meets every start and every transport, and every start every
// transport. With as many rules as there are transports or more, that takes one case for
// each rule and value of the longer axis; the other axis is turned by one from rule to rule.
// The full product would take as many times more cases as the shorter axis has values.
//
// A rule that has variants (ways to die, sizes of chunks) takes one in each case, the next
// one in the next, so those are covered in pairs with the starts as well.
//
// With brief, each rule has only one case, and each value of an axis is in at least one: for
// the race detector, which does not see the other processes.
func Cover(t *testing.T, s catalog.Strategy, starts, transports []string, brief bool, config func(catalog.Setting) catalog.Config) {
	hold := holder(t)
	covered := slices.DeleteFunc(rules(), func(r rule) bool { return !r.inPairs() })
	n := max(len(starts), len(transports))
	for r, rule := range covered {
		for c := range n {
			if brief && c != r%n {
				continue
			}
			set := catalog.Setting{Start: starts[c%len(starts)], Transport: transports[(c+r)%len(transports)]}
			hold(rule.name+"/"+set.Start+"/"+set.Transport, rule, func(t *testing.T) *testCase {
				with, err := s.With(set)
				if err != nil {
					t.Skip(err)
				}
				return &testCase{strategy: with, config: config(set), setting: set, turn: c}
			})
		}
	}
}

func rules() []rule {
	return slices.Concat(
		outcomeRules, cancelRules, refusalRules, streamRules, streamEndRules, memoryRules, futureRules, hookRules,
		lifeRules, jobRules, nestedRules, placementRules,
		resumeRules, waitRules, lossRules, processRules, generationRules)
}

// inPairs reports whether r is a rule of [Cover].
func (r rule) inPairs() bool { return r.needs&(processes|pairs) != 0 }

func run(t *testing.T, s catalog.Strategy, config func(t *testing.T) catalog.Config, rules []rule) {
	hold := holder(t)
	for _, r := range rules {
		hold(r.name, r, func(t *testing.T) *testCase {
			return &testCase{strategy: s, config: config(t), turn: -1}
		})
	}
}

// holder returns a function that holds the strategy of a case to a rule, in a subtest. After a
// case that hangs it skips all others.
func holder(t *testing.T) func(name string, r rule, make func(t *testing.T) *testCase) {
	hung := false
	return func(name string, r rule, make func(t *testing.T) *testCase) {
		t.Run(name, func(t *testing.T) {
			if hung {
				t.Skip("another case still runs")
			}
			c := make(t)
			if why := r.needs.unmet(c.strategy.Capabilities); why != "" {
				t.Skipf("does not apply to %s: %s", c.strategy.Name, why)
			}
			t.Setenv("TMPDIR", t.TempDir())
			c.T = t
			before := observe(t)
			hung = !watch(t, func() { c.do(r.run) })
			if !t.Failed() {
				before.compare(t)
			}
			if t.Failed() {
				t.Logf("the rule: %s", r.text)
			}
		})
	}
}

// needs says to which strategies a rule applies.
type needs uint32

const (
	processes needs = 1 << iota // workers are processes
	inside                      // workers are in this process
	parallel                    // more than one task runs at a time
	nests                       // a task may wait for a job of its own executor
	refuses                     // a task may not
	balances                    // a free worker runs tasks that wait behind a busy one
	fixed                       // tasks stay with the worker that they were given to
	keys                        // tasks with equal keys run on one worker
	resumes                     // kernels run by their resumable form
	exclusive                   // one task runs at a time, except for those that wait
	limits                      // Options.Limit is enforced
	retries                     // Options.Retries is honoured
	bounded                     // no more tasks run at once than there are workers
	exits                       // a task that calls runtime.Goexit costs no worker
	recycles                    // Setting.Recycle is honoured
	prepares                    // Setting.Prepare is honoured

	// pairs is no condition: [Cover] runs the rule although it is not about processes alone.
	pairs
)

// unmet returns why a rule does not apply to a strategy with capabilities c, or "".
func (n needs) unmet(c catalog.Capabilities) string {
	for _, condition := range []struct {
		need needs
		met  bool
		why  string
	}{
		{processes, c.Processes, "its workers are not processes"},
		{inside, !c.Processes, "its workers are processes"},
		{nests, c.Nests, "its tasks cannot wait for its own jobs"},
		{refuses, !c.Nests, "its tasks can wait for its own jobs, as other cases show"},
		{balances, c.Balances, "its tasks stay with the worker that they were given to"},
		{fixed, !c.Balances, "its workers take tasks that wait behind others"},
		{keys, c.Keys, "it knows no keys"},
		{resumes, c.Resumes, "it does not run resumable forms"},
		{exclusive, c.Exclusive, "its tasks do not exclude each other"},
		{limits, c.Limits, "it cannot enforce limits"},
		{retries, c.Retries, "it does not run tasks again"},
		{recycles, c.Recycles, "it does not recycle its workers"},
		{prepares, c.Prepares, "it does not prepare its workers"},
		{parallel, c.Parallel, "it runs one task at a time"},
		{bounded, !c.Unbounded, "its tasks run all at once"},
		{exits, !c.LosesGoexit, "a task that calls runtime.Goexit may cost it a worker for good"},
	} {
		if n&condition.need != 0 && !condition.met {
			return condition.why
		}
	}
	return ""
}
