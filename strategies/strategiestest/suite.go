// Package strategiestest tests whether a strategy keeps the contract of all executors.
//
//  1. A test calls [Run] with a strategy and its configuration.
//  2. Run goes through a table of rules. Each rule has a name, a text, the capabilities that a
//     strategy needs for it, and a test function. A case is one test of one strategy against one
//     rule.
//  3. A case that fails prints the text of its rule. If a rule does not apply to the strategy, Run
//     skips the case and prints the reason. If a case hangs, Run prints the stacks of all
//     goroutines, kills the worker processes, fails the case and skips all later cases.
//  4. A case also fails if it leaves goroutines, descriptors, child processes or temporary
//     files behind.
//
// Worker processes find kernels by name, so a worker program must serve [Kernels]. A test
// binary can be its own worker program:
//
//	func TestMain(m *testing.M) {
//		if len(os.Args) == 2 && os.Args[1] == "worker" {
//			worker.Serve(strategiestest.Kernels(procs.Config{}.Strategy()))
//			os.Exit(0)
//		}
//		os.Exit(m.Run())
//	}
//
// To add a rule, add a row to one of the tables of rules, and a function in the same file.
package strategiestest

import (
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/strategies/catalog"
)

// A rule is one requirement that strategies must meet, with the function that tests it.
type rule struct {
	name  string
	text  string // printed if the strategy breaks the rule
	needs needs
	run   func(t *testCase)
}

// Run tests s against every rule that applies to it. The function config returns the configuration
// that s needs, such as the worker program; each case chooses the number of workers. Cases run one
// after the other, because each case checks whether the process leaks resources.
func Run(t *testing.T, s catalog.Strategy, config func(t *testing.T) catalog.Config) {
	run(t, s, config, rules())
}

// RunInBubble tests s against the rules for time limits. It uses the fake clock of
// testing/synctest, so no case waits for real time. Each case runs in a synctest bubble, which must
// contain all goroutines of s. So the workers of s must be goroutines that serve only this case.
func RunInBubble(t *testing.T, s catalog.Strategy, config func(t *testing.T) catalog.Config) {
	run(t, s, config, limitRules)
}

// RunRest tests s like [Run], but omits the rules that [Cover] tests. A test that calls Cover calls
// RunRest for all other rules.
func RunRest(t *testing.T, s catalog.Strategy, config func(t *testing.T) catalog.Config) {
	run(t, s, config, slices.DeleteFunc(rules(), rule.inPairs))
}

// Cover tests a strategy with worker processes against the rules for processes. It uses all given
// start methods and transports, while [Run] uses only one of each. Cover tests all pairs: each rule
// with each start, each rule with each transport, and each start with each transport. Cover does
// not test all combinations of rule, start and transport: that would multiply the time by the
// length of the shorter list.
//
// Each rule has one case per element of the longer list. Case c of rule r combines start c with
// transport c+r, each modulo the length of its list. This covers all pairs if there are at least as
// many rules as transports.
//
// Some rules have variants, such as ways to die or chunk sizes. The cases of a rule test its
// variants in turn, so Cover pairs the variants with the starts too.
//
// If brief is true, each rule has one case, and each start and transport occurs in at least one
// case. This is enough under the race detector, which cannot observe the worker processes.
func Cover(t *testing.T, s catalog.Strategy, starts, transports []string, brief bool, config func(catalog.Setting) catalog.Config) {
	runCase := newRunner(t)
	covered := slices.DeleteFunc(rules(), func(r rule) bool { return !r.inPairs() })
	n := max(len(starts), len(transports))
	for r, rule := range covered {
		for c := range n {
			if brief && c != r%n {
				continue
			}
			set := catalog.Setting{Start: starts[c%len(starts)], Transport: transports[(c+r)%len(transports)]}
			runCase(rule.name+"/"+set.Start+"/"+set.Transport, rule, func(t *testing.T) *testCase {
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
		outcomeRules, edgeRules, callbackRules, cancelRules, refusalRules, streamRules, streamEndRules, memoryRules, letGoRules, futureRules, hookRules,
		lifeRules, jobRules, nestedRules, selfWaitRules, placementRules, labelRules,
		resumeRules, waitRules, lossRules, processRules, generationRules)
}

// inPairs reports whether [Cover] tests the rule r.
func (r rule) inPairs() bool {
	return slices.Contains(r.needs, processes) || slices.Contains(r.needs, pairs)
}

func run(t *testing.T, s catalog.Strategy, config func(t *testing.T) catalog.Config, rules []rule) {
	runCase := newRunner(t)
	for _, r := range rules {
		runCase(r.name, r, func(t *testing.T) *testCase {
			return &testCase{strategy: s, config: config(t), turn: -1}
		})
	}
}

// newRunner returns a function that tests rule r in a subtest with the given name. The returned
// function calls make to create the test case. After a case that hangs, the function skips all
// later cases.
func newRunner(t *testing.T) func(name string, r rule, make func(t *testing.T) *testCase) {
	hung := false
	return func(name string, r rule, make func(t *testing.T) *testCase) {
		t.Run(name, func(t *testing.T) {
			if hung {
				t.Skip("an earlier case hangs and still runs; fix that case first")
			}
			c := make(t)
			if why := r.needs.unmet(c.strategy.Capabilities); why != "" {
				t.Skipf("the rule does not apply to %s: %s", c.strategy.Name, why)
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

// needs are the conditions that a strategy must meet. A rule applies only to a strategy that meets
// all of them.
type needs []*need

// A need is one condition on a strategy.
type need struct {
	met func(c catalog.Capabilities) bool
	why string // reason to skip the rule if the strategy does not meet the condition
}

var (
	processes = &need{func(c catalog.Capabilities) bool { return c.Processes }, "the strategy has no worker processes"}
	inside    = &need{func(c catalog.Capabilities) bool { return !c.Processes }, "the strategy has worker processes"}
	nests     = &need{func(c catalog.Capabilities) bool { return c.Nests }, "tasks of the strategy cannot wait for jobs of their own executor"}
	refuses   = &need{func(c catalog.Capabilities) bool { return !c.Nests }, "tasks of the strategy can wait for jobs of their own executor, which other rules test"}
	balances  = &need{func(c catalog.Capabilities) bool { return c.Balances }, "each task stays with the worker that first received it"}
	fixed     = &need{func(c catalog.Capabilities) bool { return !c.Balances }, "a free worker takes tasks that wait for a busy worker"}
	keys      = &need{func(c catalog.Capabilities) bool { return c.Keys }, "the strategy ignores the keys of tasks"}
	resumes   = &need{func(c catalog.Capabilities) bool { return c.Resumes }, "the strategy does not run the resumable forms of kernels"}
	exclusive = &need{func(c catalog.Capabilities) bool { return c.Exclusive }, "several tasks of the strategy may run at the same time"}
	apart     = &need{func(c catalog.Capabilities) bool { return !c.Exclusive }, "workers of the strategy wait for the context of a task, so a context that panics would end the program"}
	limits    = &need{func(c catalog.Capabilities) bool { return c.Limits }, "the strategy cannot enforce a time limit for each task"}
	retries   = &need{func(c catalog.Capabilities) bool { return c.Retries }, "the strategy does not retry tasks"}
	recycles  = &need{func(c catalog.Capabilities) bool { return c.Recycles }, "the strategy does not recycle its workers"}
	prepares  = &need{func(c catalog.Capabilities) bool { return c.Prepares }, "the strategy cannot prepare its workers"}
	parallel  = &need{func(c catalog.Capabilities) bool { return c.Parallel }, "the strategy runs one task at a time"}
	bounded   = &need{func(c catalog.Capabilities) bool { return !c.Unbounded }, "the strategy may run more tasks at once than it has workers"}
	exits     = &need{func(c catalog.Capabilities) bool { return !c.LosesGoexit }, "a task that calls runtime.Goexit may end a worker permanently"}

	// Every strategy meets the condition pairs. It marks rules that [Cover] tests although they
	// also apply to strategies in this process.
	pairs = &need{func(catalog.Capabilities) bool { return true }, ""}
)

// unmet returns the reason why a rule with needs n does not apply to a strategy with capabilities
// c. It returns "" if the rule applies.
func (n needs) unmet(c catalog.Capabilities) string {
	for _, condition := range n {
		if !condition.met(c) {
			return condition.why
		}
	}
	return ""
}
