package strategiestest

import (
	"fmt"
	"os"
	"strings"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// generationRules are rules for the preparation of worker processes and for their replacement.
var generationRules = []rule{
	{"preparation", `Each worker process runs the preparation once, before its first task.`, needs{processes, prepares}, preparation},
	{"preparation that fails", `If the preparation fails in a new executor, New returns an error.
If it fails several times in a row in a running executor, the executor starts no further workers.
Its queued tasks then fail with the error of the preparation. It runs new jobs when the preparation
works again.`, needs{processes, prepares}, failingPreparation},
	{"recycling", `With Recycle = n, each worker runs n tasks (not chunks) and ends, and a new
worker replaces it. No task is lost or runs twice. This holds even if tasks are queued, Close waits,
or n is 1.`, needs{processes, recycles}, recycling},
}

// prepare changes the settings of the strategy: before its first task, each worker process performs
// the deed doPrepare at gate g.
func (g *gate) prepare() {
	g.t.Helper()
	input, err := actKernel.In.Append(nil, act{Do: doPrepare, Dir: g.dir})
	g.t.ok(err)
	g.t.with(catalog.Setting{Prepare: catalog.Preparation{Kernel: actKernel.Name, Input: string(input)}})
}

// prepared is true in a worker process whose preparation has run.
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
		t.Fatalf("New returned an executor although the preparation fails, want an error")
	}
	t.check(strings.Contains(err.Error(), errAct.Error()), "the error of New is %q; it should contain the error of the preparation", err)
	t.ok(os.Remove(broken))
	ex = t.executor(2)
	t.ok(create(broken))
	// The tasks kill more processes than were prepared: two workers and up to two spare processes.
	e := mapFails(t, ex, actKernel, append(g.acts(doKill, 0, 8), plain(36)...), strategies.Options{})
	t.check(e.Cause != nil && strings.Contains(e.Cause.Error(), errAct.Error()),
		"queued tasks failed with %v, want the error of the preparation", e)
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
			subject := fmt.Sprintf("recycle limit %d, chunk %d", limit, size)
			t.is(subject, m.wait(), nil)
			by := map[int]int{}
			for _, d := range m.out {
				by[d.PID]++
			}
			for _, tasks := range by {
				within(t, subject+": tasks that one process ran", tasks, 1, limit)
			}
			want(t, subject+": tasks that ran", g.count(), n)
		}
	}
}
