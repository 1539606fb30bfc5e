package strategiestest

import (
	"fmt"
	"os"
	"strings"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// generationRules are about worker processes that follow one another.
var generationRules = []rule{
	{"preparation", `Worker initialisation runs once per worker and generation, before its first
task.`, processes | prepares, preparation},
	{"preparation that fails", `Where initialisation fails no executor is made. After a bounded number of
failures in a row the executor fails what is queued with the cause instead of respawning
for ever, and runs new jobs once initialisation works again.`, processes | prepares, failingPreparation},
	{"recycling", `Recycling counts tasks, not chunks. A retiring worker loses nothing, with any
backlog, while closing, and with a limit of 1; no task runs twice.`, processes | recycles, recycling},
}

// prepare gives every worker a doPrepare at the gate to begin with.
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
		acts := g.acts(doPrepared, 0, n)
		acts[3].Do, acts[n-10].Do = doKill, doExit3
		for i, o := range outcomes(t, ex, actKernel, acts, chunked(size), asMap) {
			if acts[i].Do == doPrepared {
				t.succeeded(fmt.Sprint("chunk ", size), i, o)
			}
		}
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
		t.Fatalf("an executor was made of workers that cannot be prepared")
	}
	t.check(strings.Contains(err.Error(), errAct.Error()), "the error %q does not say what failed", err)
	t.ok(os.Remove(broken))
	ex = t.executor(2)
	t.ok(create(broken))
	acts := plain(40)
	for i := range 4 {
		acts[i].Do = doKill
	}
	e := mapFails(t, ex, actKernel, acts, strategies.Options{})
	t.check(e.Cause != nil && strings.Contains(e.Cause.Error(), errAct.Error()),
		"what was queued ended with %v, not with why no worker can be prepared", e)
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
