package strategiestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// processRules are about the bytes between a program and its worker processes, and about what
// a worker process has of its parent.
var processRules = []rule{
	{"codecs", `An input or an output that cannot be encoded or decoded, by error or by panic,
on either side, fails that task alone.`, processes, codecs},
	{"printing", `What a task prints to standard output never reaches the data path.`, processes, printing},
	{"payloads", `Payloads of 100 MB pass in both directions at once on all workers.`, processes, payloads},
	{"depth", `Nested process pools have a depth limit, and all exit when the top one closes, is
stopped, or one between is killed.`, processes, depth},
	{"interrupts", `Workers are in their own process group and ignore the terminal's
interrupt.`, processes, interrupts},
	{"belongings", `A worker inherits only the descriptors and the environment it needs.`, processes, belongings},
}

func codecs(t *testCase) {
	const workers, n = 2, 10
	ex := t.executor(workers)
	steps := map[deed]string{
		doEncodeInput: "encode input", doDecodeInput: "decode input", doEncodeOutput: "encode output", doDecodeOutput: "decode output",
	}
	for do, step := range steps {
		for by, size := range cross([]deed{"", byPanic}, []int{1, 7}) {
			acts := plain(n)
			acts[3].Do, acts[8].Do = do+by, do+by
			for i, o := range outcomes(t, ex, actKernel, acts, chunked(size), asMap) {
				what := fmt.Sprintf("chunk %d, tasks that should %s", size, do+by)
				if acts[i].Do == "" {
					t.succeeded(what, i, o)
					continue
				}
				e, ok := errors.AsType[*strategies.CodecError](o.err)
				t.check(ok && e.Step == step, "%s: task %d: %s", what, i, o)
			}
		}
	}
	t.healthy(ex, workers)
}

func printing(t *testCase) {
	ex := t.executor(2)
	acts := plain(20)
	for i := 0; i < len(acts); i += 2 {
		acts[i].Do = doPrint
	}
	t.allSucceed(ex, acts, chunked(3), asMap)
}

func payloads(t *testCase) {
	const workers = 2
	size := 100_000_000
	if t.turn >= 0 {
		size /= 10 // more than any buffer holds too
	}
	ex := t.executor(workers)
	in := make([][]byte, workers)
	for i := range in {
		text := fmt.Sprintf("payload %d of %d", i, workers)
		in[i] = bytes.Repeat([]byte(text), size/len(text)+1)[:size]
	}
	out, err := bytesKernel.Map(background, ex, in, strategies.Options{})
	t.ok(err)
	for i, b := range out {
		for j := 0; j < len(b); j += byteStep {
			b[j]--
		}
		t.check(bytes.Equal(b, in[i]), "output %d is wrong, with %d bytes", i, len(b))
	}
}

// A nesting is a task that has a pool of its own, in which there is such a task, and so on
// as deep as that may be.
type nesting struct {
	Level   int
	Worker  []string
	Setting catalog.Setting
	Dir     string // of a gate
	Hold    bool   // the innermost waits at the gate
}

// A lineage is the result of a nesting.
type lineage struct {
	Levels  int    // of pools there were
	Refused string // why there were no more
}

func nestKernel(s catalog.Strategy) strategies.Kernel[nesting, lineage] {
	return strategies.Kernel[nesting, lineage]{
		Name: "strategiestest.nest", In: jsonCodec[nesting](), Out: jsonCodec[lineage](),
		Func: func(ctx context.Context, n nesting) (lineage, error) { return nest(ctx, s, n) },
	}
}

func nest(ctx context.Context, s catalog.Strategy, n nesting) (lineage, error) {
	if err := create(filepath.Join(n.Dir, level(n.Level))); err != nil {
		return lineage{}, err
	}
	with, err := s.With(n.Setting)
	if err != nil {
		return lineage{}, err
	}
	ex, err := with.New(ctx, catalog.Config{Workers: 1, Worker: n.Worker})
	if err != nil {
		if n.Hold {
			return lineage{}, act{Index: n.Level, Dir: n.Dir}.wait(ctx)
		}
		return lineage{n.Level, err.Error()}, nil
	}
	defer ex.Close()
	n.Level++
	out, err := nestKernel(s).Map(ctx, ex, []nesting{n}, strategies.Options{})
	return out[0], err
}

// level is the file in which the worker of a level, from 1, writes its process id.
func level(n int) string { return fmt.Sprint("level", n) }

const deepest = 16 // more pools inside one another are too many

func depth(t *testCase) {
	k := nestKernel(t.strategy)
	for _, end := range turns(t, "close", "stop", "kill") {
		ex := t.executor(1)
		g := t.gate()
		n := nesting{Level: 1, Worker: t.config.Worker, Setting: t.setting, Dir: g.dir}
		out, err := k.Map(background, ex, []nesting{n}, strategies.Options{})
		t.ok(err)
		levels := out[0].Levels
		t.check(out[0].Refused != "" && levels >= 2 && levels <= deepest, "pools inside one another: %+v", out[0])
		if end != "close" {
			// The workers of the inner pools are not asked to end: each goes with the process
			// above it.
			g = t.gate()
			n.Dir, n.Hold = g.dir, true
			m := mapping(background, ex, k, []nesting{n}, strategies.Options{})
			g.arrived(1)
			if end == "kill" {
				t.ok(signalTo(g.pid(level(1)), syscall.SIGKILL))
			} else {
				t.ok(ex.Stop(cancelled))
			}
			t.check(m.wait() != nil, "%s: no error", end)
		}
		t.ok(ex.Close())
		for i := range levels {
			pid := g.pid(level(i + 1))
			until(func() bool { return !runs(pid) })
		}
	}
}

func interrupts(t *testCase) {
	workers := t.workers(2)
	ex := t.executor(workers)
	g := t.gate()
	m := mapping(background, ex, actKernel, g.waiters(0, 10), strategies.Options{})
	g.arrived(workers)
	here, err := group(0)
	t.ok(err)
	for i := range workers {
		pid := g.pid(fmt.Sprint("at", i))
		group, err := group(pid)
		t.ok(err)
		t.check(group != here, "worker process %d is in the group of its parent", pid)
		t.ok(signalTo(pid, syscall.SIGINT))
	}
	g.open()
	t.ok(m.wait())
	for i, d := range m.out {
		want(t, "output", d.Index, i)
	}
}

func belongings(t *testCase) {
	t.Setenv("STRATEGIESTEST_SECRET", "secret of the parent")
	name := filepath.Join(t.TempDir(), "file of the parent")
	fd, err := syscall.Open(name, syscall.O_CREAT|syscall.O_RDWR, 0o600) // without close on exec, as a C library might
	t.ok(err)
	defer syscall.Close(fd)
	ex := t.executor(1)
	out := t.allSucceed(ex, []act{{Do: doBelongings}}, strategies.Options{}, asMap)
	for _, has := range strings.Split(out[0].value.Words, "\n") {
		t.check(!strings.Contains(has, "of the parent"), "the worker has %q", has)
	}
}
