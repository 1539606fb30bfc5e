package strategiestest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// familyRules are about what a worker process has of its parent, and of it alone.
var familyRules = []rule{
	{"depth", `Nested process pools have a depth limit, and all exit when the top one closes, is
stopped, or one between is killed.`, processes, depth},
	{"interrupts", `Workers are in their own process group and ignore the terminal's
interrupt.`, processes, interrupts},
	{"belongings", `A worker inherits only the descriptors and the environment it needs.`, processes, belongings},
}

// A nesting is a task that has a pool of its own, in which there is such a task, and so on
// for as deep as that may be.
type nesting struct {
	Level   int
	Worker  []string
	Setting catalog.Setting
	Dir     string // of a gate
	Hold    bool   // the innermost waits at the gate
}

// A lineage is what became of a nesting.
type lineage struct {
	Levels  int    // of pools there were
	Refused string // why there were no more
}

const nestName = "strategiestest.nest"

func plainJSON[V any]() strategies.Codec[V] {
	return strategies.Codec[V]{
		Append: func(dst []byte, v V) ([]byte, error) {
			b, err := json.Marshal(v)
			return append(dst, b...), err
		},
		Decode: func(src []byte) (v V, err error) { return v, json.Unmarshal(src, &v) },
	}
}

func nestKernel(s catalog.Strategy) strategies.Kernel[nesting, lineage] {
	return strategies.Kernel[nesting, lineage]{
		Name: nestName, In: plainJSON[nesting](), Out: plainJSON[lineage](),
		Func: func(ctx context.Context, n nesting) (lineage, error) { return nest(ctx, s, n) },
	}
}

func nest(ctx context.Context, s catalog.Strategy, n nesting) (lineage, error) {
	f, err := os.Create(filepath.Join(n.Dir, level(n.Level)))
	if err != nil {
		return lineage{}, err
	}
	defer f.Close()
	if err := writePID(f); err != nil {
		return lineage{}, err
	}
	with := s
	if n.Setting != (catalog.Setting{}) {
		if with, err = s.With(n.Setting); err != nil {
			return lineage{}, err
		}
	}
	ex, err := with.New(ctx, catalog.Config{Workers: 1, Worker: n.Worker})
	if err != nil {
		if n.Hold {
			return lineage{}, wait(ctx, Act{Index: n.Level, Dir: n.Dir})
		}
		return lineage{n.Level, err.Error()}, nil
	}
	defer ex.Close()
	n.Level++
	out, err := nestKernel(s).Map(ctx, ex, []nesting{n}, strategies.Options{})
	if err != nil {
		return lineage{}, err
	}
	return out[0], nil
}

// level is the file in which the worker of a level, from 1, says who it is.
func level(n int) string { return fmt.Sprint("level", n) }

const deepest = 16 // pools inside one another are too many

func depth(t *T) {
	for _, end := range turns(t, "close", "stop", "kill") {
		ex := t.executor(1)
		g := t.gate()
		n := nesting{Level: 1, Worker: t.config.Worker, Setting: t.setting, Dir: g.dir}
		out, err := nestKernel(t.Strategy).Map(context.Background(), ex, []nesting{n}, strategies.Options{})
		t.ok(err)
		if out[0].Refused == "" || out[0].Levels < 2 || out[0].Levels > deepest {
			t.Errorf("pools inside one another: %+v", out[0])
		}
		levels := out[0].Levels
		n.Hold = true
		if end != "close" {
			// Who is not asked to end: what is there goes with the process above it.
			g = t.gate()
			n.Dir = g.dir
			ended := make(chan error)
			go func() {
				_, err := nestKernel(t.Strategy).Map(context.Background(), ex, []nesting{n}, strategies.Options{})
				ended <- err
			}()
			g.arrived(1)
			if end == "kill" {
				t.ok(signalTo(g.pid(level(1)), syscall.SIGKILL))
			} else {
				t.ok(ex.Stop(cancelled))
			}
			if err := <-ended; err == nil {
				t.Errorf("%s: no error", end)
			}
		}
		t.ok(ex.Close())
		for i := range levels {
			pid := g.pid(level(i + 1))
			until(func() bool { return !runs(pid) })
		}
	}
}

func interrupts(t *T) {
	const workers = 2
	ex := t.executor(workers)
	g := t.gate()
	mapped := make(chan []Done, 1)
	go func() {
		out, jobErr := t.results(ex, g.waiters(0, 10), strategies.Options{})
		if jobErr != nil {
			t.Errorf("%v", jobErr)
		}
		mapped <- out
	}()
	g.arrived(t.workers(workers))
	here, err := group(0)
	t.ok(err)
	for i := range t.workers(workers) {
		pid := g.pid(fmt.Sprint("at", i))
		group, err := group(pid)
		t.ok(err)
		if group == here {
			t.Errorf("worker process %d is in the group of its parent", pid)
		}
		t.ok(signalTo(pid, syscall.SIGINT))
	}
	g.open()
	for i, d := range <-mapped {
		want(t, "output", d.Index, i)
	}
}

func belongings(t *T) {
	t.t.Setenv("STRATEGIESTEST_SECRET", "secret of the parent")
	name := filepath.Join(t.t.TempDir(), "file of the parent")
	fd, err := syscall.Open(name, syscall.O_CREAT|syscall.O_RDWR, 0o600) // without close on exec, as a C library might
	t.ok(err)
	defer syscall.Close(fd)
	ex := t.executor(1)
	out, jobErr := t.results(ex, []Act{{Do: Belongings}}, strategies.Options{})
	if jobErr != nil {
		t.Fatalf("%v", jobErr)
	}
	for _, has := range strings.Split(out[0].Words, "\n") {
		if strings.Contains(has, "of the parent") {
			t.Errorf("the worker has %q", has)
		}
	}
}
