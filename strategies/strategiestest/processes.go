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

// processRules are rules for the data that a program and its worker processes exchange, and for the
// resources that a worker process inherits.
var processRules = []rule{
	{"codecs", `If a codec cannot encode or decode a value (an input or an output), only the task
of this value fails. The codec may return an error or panic, in the parent or in the worker process.`, needs{processes}, codecs},
	{"printing", `Text that a task prints to standard output does not get into the data that the worker sends to its parent.`, needs{processes}, printing},
	{"payloads", `All workers can receive and send payloads of 100 MB at the same time.`, needs{processes}, payloads},
	{"depth", `Process pools can be nested only up to a limit. If the outermost pool is closed or stopped, or a
process between two pools is killed, all inner worker processes exit.`, needs{processes}, depth},
	{"interrupts", `Workers ignore SIGINT, which a terminal sends on an interrupt, and are not in the process group of their parent.`, needs{processes}, interrupts},
	{"inherited resources", `A worker inherits only the descriptors and the environment that it needs.`, needs{processes}, belongings},
}

func codecs(t *testCase) {
	const workers, n = 2, 10
	ex := t.executor(workers)
	steps := map[deed]string{
		doEncodeInput: "encode input", doDecodeInput: "decode input", doEncodeOutput: "encode output", doDecodeOutput: "decode output",
	}
	for do, step := range steps {
		for by, size := range cross([]deed{"", byPanic}, []int{1, 7}) {
			t.someFail(ex, plain(n), all(do+by, 3, 8), chunked(size), asMap, func(i int, o outcome[done]) {
				e, ok := errors.AsType[*strategies.CodecError](o.err)
				t.check(ok && e.Step == step, "chunk %d: task %d, which should %s: got %s, want a CodecError for this step", size, i, do+by, o)
			})
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
		size /= 10 // still larger than any buffer
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
		t.check(bytes.Equal(b, in[i]), "output %d, of %d bytes, has the wrong contents or length", i, len(b))
	}
}

// A nesting is the input of a task that creates a process pool and runs a task of the next level in
// it. At the deepest level, the strategy must refuse to create a further pool.
type nesting struct {
	Level   int
	Worker  []string
	Setting catalog.Setting
	Dir     string // folder of a [gate]
	Hold    bool   // whether the task of the deepest level waits at the gate
}

// A lineage is the output of a task whose input is a nesting. It describes the process pools that
// this task and its inner tasks created.
type lineage struct {
	Levels  int    // number of levels of pools
	Refused string // error with which the strategy refused to create a pool at a deeper level
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

// level returns the name of the file to which the worker of level n (from 1) writes its process id.
func level(n int) string { return fmt.Sprint("level", n) }

const deepest = 16 // largest number of levels that a strategy may allow

func depth(t *testCase) {
	k := nestKernel(t.strategy)
	for _, end := range turns(t, "close", "stop", "kill") {
		ex := t.executor(1)
		g := t.gate()
		n := nesting{Level: 1, Worker: t.config.Worker, Setting: t.setting, Dir: g.dir}
		out, err := k.Map(background, ex, []nesting{n}, strategies.Options{})
		t.ok(err)
		levels := out[0].Levels
		t.check(out[0].Refused != "" && levels >= 2 && levels <= deepest, "nested process pools: got %+v, want a refusal after 2 to 16 levels", out[0])
		if end != "close" {
			// No process asks the workers of inner pools to exit, so each of them must exit when
			// its parent exits.
			g = t.gate()
			n.Dir, n.Hold = g.dir, true
			m := mapping(background, ex, k, []nesting{n}, strategies.Options{})
			g.arrived(1)
			if end == "kill" {
				t.ok(signalTo(g.pid(level(1)), syscall.SIGKILL))
			} else {
				t.ok(ex.Stop(cancelled))
			}
			t.check(m.wait() != nil, "%s while a nested task waits: the map has no error, want one", end)
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
		t.check(group != here, "worker process %d is in the process group of its parent", pid)
		t.ok(signalTo(pid, syscall.SIGINT))
	}
	g.open()
	t.ok(m.wait())
	for i, d := range m.out {
		want(t, "index in an output after an interrupt", d.Index, i)
	}
}

func belongings(t *testCase) {
	t.Setenv("STRATEGIESTEST_SECRET", "secret of the parent")
	name := filepath.Join(t.TempDir(), "file of the parent")
	fd, err := syscall.Open(name, syscall.O_CREAT|syscall.O_RDWR, 0o600) // without O_CLOEXEC, like a file that a C library opened
	t.ok(err)
	defer syscall.Close(fd)
	ex := t.executor(1)
	out := t.allSucceed(ex, []act{{Do: doBelongings}}, strategies.Options{}, asMap)
	for _, has := range strings.Split(out[0].value.Words, "\n") {
		t.check(!strings.Contains(has, "of the parent"), "the worker process inherited %q from its parent", has)
	}
}
