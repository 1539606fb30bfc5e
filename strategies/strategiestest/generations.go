package strategiestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// generationRules are about workers that follow one another.
var generationRules = []rule{
	{"preparation", `Worker initialisation runs once per worker and generation, before its first
task.`, processes | prepares, preparation},
	{"preparation that fails", `An initialisation that fails fails what makes the executor; after a
bounded number of failures in a row the executor fails what is queued with the cause
instead of respawning for ever. Who asks again is served once it works again.`, processes | prepares, failingPreparation},
	{"recycling", `Recycling counts tasks, not chunks. A retiring worker loses nothing, with any
backlog, while closing, and with a limit of 1; no task runs twice.`, processes | recycles, recycling},
}

// with makes the strategy one with set besides.
func (t *T) with(set catalog.Setting) {
	t.t.Helper()
	set.Start, set.Transport = t.setting.Start, t.setting.Transport
	s, err := t.Strategy.With(set)
	t.ok(err)
	t.Strategy = s
}

// prepare has every worker do Prepare at the gate.
func (g *gate) prepare() {
	g.t.t.Helper()
	input, err := ActKernel.In.Append(nil, Act{Do: Prepare, Dir: g.dir})
	g.t.ok(err)
	g.t.with(catalog.Setting{Prepare: catalog.Preparation{Kernel: ActKernel.Name, Input: string(input)}})
}

// prepared is whether this process was.
var prepared bool

func prepareProcess(a Act) error {
	if _, err := os.Stat(filepath.Join(a.Dir, "broken")); err == nil {
		return ErrAct
	}
	prepared = true
	f, err := os.OpenFile(filepath.Join(a.Dir, fmt.Sprint("prepared", os.Getpid())), os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	return f.Close()
}

func preparation(t *T) {
	const workers, n = 2, 60
	g := t.gate()
	g.prepare()
	ex := t.executor(workers)
	for _, size := range turns(t, 1, 7) {
		acts := g.acts(Prepared, 0, n)
		acts[3].Do, acts[n-10].Do = Kill, Exit3
		out, jobErr := t.results(ex, acts, strategies.Options{Chunk: chunk.Fixed(size)})
		for i, d := range out {
			err := taskOf(jobErr, i)
			if acts[i].Do == Prepared && (err != nil || d.Index != i) {
				t.Errorf("chunk %d: %s", size, told(d, err))
			}
		}
	}
}

func failingPreparation(t *T) {
	g := t.gate()
	g.prepare()
	broken := filepath.Join(g.dir, "broken")
	breakIt := func() { t.ok(os.WriteFile(broken, nil, 0o666)) }
	breakIt()
	c := t.config
	c.Workers = t.workers(2)
	ex, err := t.Strategy.New(context.Background(), c)
	if err == nil {
		ex.Stop(cancelled)
		t.Fatalf("an executor was made of workers that cannot be prepared")
	}
	if !strings.Contains(err.Error(), ErrAct.Error()) {
		t.Errorf("the error %q does not say what failed", err)
	}
	t.ok(os.Remove(broken))
	ex = t.executor(2)
	breakIt()
	acts := plain(40)
	for i := range 4 {
		acts[i].Do = Kill
	}
	_, err = ActKernel.Map(context.Background(), ex, acts, strategies.Options{Chunk: chunk.Fixed(1)})
	var e *strategies.JobError
	if !errors.As(err, &e) || e.Cause == nil || !strings.Contains(e.Cause.Error(), ErrAct.Error()) {
		t.Errorf("what was queued ended with %v, not with why no worker can be prepared", err)
	}
	t.ok(os.Remove(broken))
	t.healthy(ex, 2)
}

func recycling(t *T) {
	const workers, n = 2, 60
	for _, limit := range []int{1, 3} {
		t.with(catalog.Setting{Recycle: limit})
		ex := t.executor(workers)
		chunks := turns(t, 1, 4, n)
		for i, size := range chunks {
			g := t.gate()
			var closed chan error
			if last := i == len(chunks)-1; last {
				closed = make(chan error, 1)
				go func() {
					g.arrived(1)
					closed <- ex.Close()
				}()
			}
			out, jobErr := t.results(ex, g.markers(0, n), strategies.Options{Chunk: chunk.Fixed(size)})
			if jobErr != nil {
				t.Errorf("limit %d, chunk %d: %v", limit, size, jobErr)
			}
			by := map[int]int{}
			for _, d := range out {
				by[d.PID]++
			}
			for pid, tasks := range by {
				if tasks > limit {
					t.Errorf("limit %d, chunk %d: process %d ran %d tasks", limit, size, pid, tasks)
				}
			}
			want(t, "tasks that ran", g.count(), n)
			if closed != nil {
				t.ok(<-closed)
			}
		}
	}
}
