package strategiestest

import (
	"fmt"
	"os"
	"strings"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// generationRules are rules for the preparation and the replacement of worker processes.
var generationRules = []rule{
	{"preparation", `Each worker process runs the preparation once, before its first task.`, needs{processes, prepares}, preparation},
	{"preparation that fails", `If the preparation fails, New returns an error. After several failures in a row, a
running executor stops starting workers and fails its queued tasks with the cause. It runs
new jobs when the preparation works again.`, needs{processes, prepares}, failingPreparation},
	{"recycling", `A worker with a Recycle limit retires after that number of tasks, not chunks. It loses no
task, even with a backlog, during Close, or after one task. No task runs twice.`, needs{processes, recycles}, recycling},
}

// prepare makes each worker process perform doPrepare at gate g before its first task.
func (g *gate) prepare() {
	g.t.Helper()
	input, err := actKernel.In.Append(nil, act{Do: doPrepare, Dir: g.dir})
	g.t.ok(err)
	g.t.with(catalog.Setting{Prepare: catalog.Preparation{Kernel: actKernel.Name, Input: string(input)}})
}

// prepared reports whether this worker process was prepared.
var prepared bool

func prepareProcess(a act) error {
	g := gate{dir: a.Dir}
	if _, err := os.Stat(g.file("broken")); err == nil {
		return errAct
	}
	prepared = true
	return create(g.file(fmt.Sprint("prepared", os.Getpid())))
}

func preparation(t *testCase) {
	const workers, n = 2, 60
	g := t.gate()
	g.prepare()
	ex := t.executor(workers)
	for _, size := range turns(t, 1, 7) {
		bad := map[int]deed{3: doKill, n - 10: doExit3}
		t.someFail(ex, g.acts(doPrepared, 0, n), bad, chunked(size), asMap, func(int, outcome[done]) {})
	}
}

func failingPreparation(t *testCase) {
	g := t.gate()
	g.prepare()
	broken := g.file("broken")
	t.ok(create(broken))
	ex, err := t.newExecutor(2)
	if err == nil {
		ex.Stop(cancelled)
		t.Fatalf("New made an executor although the preparation fails")
	}
	t.check(strings.Contains(err.Error(), errAct.Error()), "the error %q lacks the cause", err)
	t.ok(os.Remove(broken))
	ex = t.executor(2)
	t.ok(create(broken))
	// More kills than prepared processes, which are two workers and up to two spares.
	e := mapFails(t, ex, actKernel, append(g.acts(doKill, 0, 8), plain(36)...), strategies.Options{})
	t.check(e.Cause != nil && strings.Contains(e.Cause.Error(), errAct.Error()),
		"queued tasks ended with %v, not with the failure of the preparation", e)
	t.ok(os.Remove(broken))
	t.healthy(ex, 2)
}

func recycling(t *testCase) {
	const workers, n = 2, 20
	for _, limit := range []int{1, 3} {
		t.with(catalog.Setting{Recycle: limit})
		ex := t.executor(workers)
		chunks := turns(t, 1, 4, n)
		for i, size := range chunks {
			g := t.gate()
			m := mapping(background, ex, actKernel, g.markers(0, n), chunked(size))
			if last := i == len(chunks)-1; last {
				g.arrived(1)
				t.ok(ex.Close())
			}
			what := fmt.Sprintf("limit %d, chunk %d", limit, size)
			t.is(what, m.wait(), nil)
			by := map[int]int{}
			for _, d := range m.out {
				by[d.PID]++
			}
			for _, tasks := range by {
				within(t, what+": tasks of a process", tasks, 1, limit)
			}
			want(t, what+": tasks that ran", g.count(), n)
		}
	}
}
