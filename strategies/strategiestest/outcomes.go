package strategiestest

import (
	"fmt"
	"strings"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var outcomeRules = []rule{
	{"chunks", `The unit of outcome is the task, whatever the chunk. Chunks of 1, 2, 7, n and
n+1 tasks give identical outcomes, including the tasks that fail.`, pairs, chunks},
	{"policies", `Every chunk policy gives identical outcomes, in maps and streams.`, 0, policies},
	{"once", `Every task of a job runs exactly once if nothing stops it and has exactly one
outcome.`, 0, once},
	{"blame", `An error knows its task's index and, where the worker is a process, the
worker's name, process id and generation.`, pairs, blame},
	{"sizes", `Empty input finishes at once. One task, fewer tasks than workers, a short last
chunk and a chunk larger than the input give every task its output.`, 0, sizes},
}

func chunks(t *testCase) {
	n := 100
	if t.turn >= 0 {
		n = 32 // each kind of failure, once
	}
	var sizes []chunk.Policy
	for _, size := range append(turns(t, 2, 7, n, n+1), 1) {
		sizes = append(sizes, chunk.Fixed(size))
	}
	t.sameOutcomes(t.mixed(n), sizes, strategies.Options{})
}

func policies(t *testCase) {
	acts := t.mixed(100)
	t.sameOutcomes(acts, append(chunk.All(), nil), strategies.Options{Window: 50})
	t.sameOutcomes(acts, []chunk.Policy{nil, chunk.Fixed(1 << 12)}, strategies.Options{Window: 1 << 12})
}

// sameOutcomes reports a failure unless acts have the same outcomes with every policy, in maps
// and streams.
func (t *testCase) sameOutcomes(acts []act, policies []chunk.Policy, o strategies.Options) {
	t.Helper()
	ex := t.executor(2)
	var first []outcome[done]
	for policy, e := range cross(policies, jobEntries) {
		o.Chunk = policy
		all := outcomes(t, ex, actKernel, acts, o, e)
		if first == nil {
			first = all
		}
		for i, got := range all {
			want(t, fmt.Sprintf("%s with chunk %v: outcome %d", e, policy, i), got.String(), first[i].String())
		}
	}
}

func once(t *testCase) {
	const n = 100
	ex := t.executor(3)
	for size, e := range cross([]int{1, 7}, jobEntries) {
		g := t.gate()
		t.allSucceed(ex, g.markers(0, n), strategies.Options{Chunk: chunk.Fixed(size), Window: 2 * size}, e)
		want(t, "tasks that ran in a "+string(e), g.count(), n)
	}
}

func blame(t *testCase) {
	ex := t.executor(2)
	acts := plain(24)
	bad := []int{0, 8, 9, 23}
	for _, i := range bad {
		acts[i].Do = doError
	}
	e := mapFails(t, ex, actKernel, acts, chunked(3))
	var failed []int
	for e := range e.Failures() {
		failed = append(failed, e.Task)
		t.checkWorker(e)
	}
	want(t, "tasks that failed", fmt.Sprint(failed), fmt.Sprint(bad))
	t.check(e.Skipped == 0 && e.Cause == nil, "tasks did not start: %v", e)
}

// checkWorker reports a failure unless e names the process of its worker, or no process where
// workers are in this one.
func (t *testCase) checkWorker(e *strategies.TaskError) {
	t.Helper()
	w := e.Worker
	t.check((w != nil) == t.can().Processes, "%v: names the worker process %v", e, w)
	t.check(w == nil || w.PID > 0 && strings.HasPrefix(w.Name, "w"), "%v: names worker %+v", e, w)
}

func sizes(t *testCase) {
	const workers = 4
	ex := t.executor(workers)
	for _, n := range []int{0, 1, workers - 1, workers, 10, 25} {
		for _, size := range []int{0, 1, 7, n, n + 1, 1000} {
			for _, e := range jobEntries {
				t.allSucceed(ex, plain(n), chunked(size), e)
			}
		}
	}
}
