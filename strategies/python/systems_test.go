//go:build unix && (amd64 || arm64)

package python

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
	"github.com/payoff-bench/payoff/workloads/payload"
	"github.com/payoff-bench/payoff/workloads/web"
)

// twins returns the workloads whose kernels exist in Python too.
func twins() []workloads.Workload {
	return workloads.Python(slices.Concat(kernels.All(), payload.All(), []workloads.Workload{web.HTTP()}), Loop)
}

// params returns parameters of w for short tasks.
func params(t *testing.T, w workloads.Workload) workloads.Params {
	p := workloads.Params{Seed: 7, Dir: t.TempDir()}
	if w.Grains {
		p.Grain = max(w.Finest, 20_000)
	}
	if w.Payloads {
		p.Payload = 1000
	}
	if w.Serve != nil {
		in, end := io.Pipe()
		out, says := io.Pipe()
		go w.Serve(in, says)
		t.Cleanup(func() { end.Close() })
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		p.Server = strings.TrimSpace(line)
	}
	return p
}

// load returns a load of w with n tasks, and the digest of the outputs that Go computes.
func load(t *testing.T, w workloads.Workload, p workloads.Params, n int) (workloads.Load, uint64) {
	t.Helper()
	l, err := w.New(p)
	if err == nil {
		t.Cleanup(func() { l.Close() })
		err = errors.Join(l.Inputs(n), l.Direct(t.Context()))
	}
	if err != nil {
		t.Fatal(err)
	}
	want, err := l.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return l, want
}

// once makes the table once, which finds the interpreter once.
var once = sync.OnceValues(func() ([]catalog.Strategy, catalog.Config) {
	i, _ := found()
	return Table(), catalog.Config{Workers: 2, Python: i.Path}
})

// open executors, which tests share, by strategy and setting.
var opened = map[string]work.Executor{}

// start returns an executor of the strategy with two workers. It starts one unless a test has started
// it and it still runs, since a start takes longer than a job.
func start(t *testing.T, name string, set catalog.Setting) (catalog.Strategy, work.Executor) {
	t.Helper()
	table, c := once()
	st := table[slices.IndexFunc(table, func(s catalog.Strategy) bool { return s.Name == name })]
	if err := st.Check(t.Context(), c); err != nil {
		t.Skip(err)
	}
	if set != (catalog.Setting{}) {
		with, err := st.With(set)
		if err != nil {
			t.Fatal(err)
		}
		st = with
	}
	key := fmt.Sprint(name, set)
	if ex := opened[key]; ex == nil || ex.(*catalog.Remote).Pool.(*session).closed {
		t.Chdir(testdata)
		ex, err := st.New(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		opened[key] = ex
	}
	return st, opened[key]
}

// testdata is the working folder of sessions, which find modules there.
var testdata, _ = filepath.Abs("testdata")

func TestMain(m *testing.M) {
	os.Setenv("PYTHONDONTWRITEBYTECODE", "1")
	status := m.Run()
	for name, ex := range opened {
		if err := ex.Close(); err != nil {
			fmt.Fprintln(os.Stderr, name, err)
			status = 1
		}
	}
	os.Exit(status)
}

// run runs the job of the load l in the order of delivery that the strategy st has.
func run(ctx context.Context, l workloads.Load, st catalog.Strategy, ex work.Executor) error {
	switch st.Capabilities.Order {
	case singleOrder:
		return l.Single(ctx, ex)
	case inputOrder:
		return l.Stream(ctx, ex, strategies.Options{})
	case completionOrder:
		return l.Stream(ctx, ex, strategies.Options{Order: strategies.CompletionOrder})
	}
	return l.Map(ctx, ex, strategies.Options{})
}

// Every system computes the same outputs as Go, for every kernel.
func TestDigests(t *testing.T) {
	real(t)
	type job struct {
		name string
		load workloads.Load
		want uint64
	}
	const tasks = 9
	var jobs []job
	for _, w := range twins() {
		l, want := load(t, w, params(t, w), tasks)
		jobs = append(jobs, job{w.Name, l, want})
	}
	for _, s := range Systems() {
		t.Run(s.Name, func(t *testing.T) {
			st, ex := start(t, Prefix+s.Name, catalog.Setting{})
			for i, j := range jobs {
				if i > 1 && testing.Short() && !slices.Contains([]string{"serial", "pool-map", "asyncio"}, s.Name) {
					break
				}
				for range 2 { // the second job has the inputs of the first
					if err := run(t.Context(), j.load, st, ex); err != nil {
						t.Fatalf("%s: %v", j.name, err)
					}
					if got, err := j.load.Digest(); err != nil || got != j.want {
						t.Errorf("%s: digest %x, %v; Go has %x", j.name, got, err, j.want)
					}
					if took, _ := j.load.Took(); took <= 0 {
						t.Errorf("%s: took %v", j.name, took)
					}
				}
			}
		})
	}
}

// Outputs equal those of Go with every setting and chunk size, and also for payloads that do not
// consist of whole blocks.
func TestSettings(t *testing.T) {
	real(t)
	w := twins()[1]
	sets := []catalog.Setting{{Start: "fork", Recycle: 3}, {Start: "forkserver"}, {Start: "spawn", Recycle: 3}}
	if testing.Short() {
		sets = sets[:1]
	}
	for _, set := range sets {
		st, ex := start(t, "py-pool-map", set)
		for _, p := range []workloads.Params{{Grain: 100}, {Grain: 50_000, Payload: 65}, {Grain: 3000, Payload: 640}} {
			l, want := load(t, w, p, 10)
			if err := l.Map(t.Context(), ex, strategies.Options{}); err != nil {
				t.Fatalf("%s %+v: %v", st.Name, set, err)
			}
			if got, err := l.Digest(); err != nil || got != want {
				t.Errorf("%+v, %+v: digest %x, %v; Go has %x", set, p, got, err, want)
			}
		}
	}
	table, _ := once()
	for _, set := range []catalog.Setting{{Start: "exec"}, {Transport: "shm"}} {
		if _, err := table[1].With(set); err == nil {
			t.Errorf("%+v: no error", set)
		}
	}
}

// If the pool keeps the outputs of other tasks, an exception makes only its own task fail. If a
// worker process is killed, its task fails, the job fails, or the pool hangs, depending on the
// system.
func TestFaults(t *testing.T) {
	real(t)
	hung := errors.New("hung")
	for _, c := range []struct{ shape, strategy, want string }{
		{"fail4", "py-pool-apply-async", ""},
		{"fail4", "py-executor-completed", ""},
		{"fail4+setup1000+leak100", "py-process", ""},
		{"fail4", "py-pool-map", "planned to fail"},
		{"kill4", "py-process", ""},
		{"exit4", "py-executor-map", "BrokenProcessPool"},
		{"kill4", "py-pool-map", "hung"},
		{"kill4", "py-serial", ""}, // the loop runs tasks without faults
	} {
		t.Run(c.strategy+" "+c.shape, func(t *testing.T) {
			w := twins()[0]
			p := params(t, w)
			p.Shape = c.shape
			l, want := load(t, w, p, 9)
			st, ex := start(t, c.strategy, catalog.Setting{})
			ctx := t.Context()
			if c.want == "hung" {
				limited, cancel := context.WithTimeoutCause(ctx, 500*time.Millisecond, hung)
				defer cancel()
				ctx = limited
			}
			err := run(ctx, l, st, ex)
			if c.want != "" {
				if err := ex.Close(); err != nil { // its pool may be broken
					t.Error(err)
				}
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v; %q was expected in it", err, c.want)
				}
				return
			}
			got, digestErr := l.Digest()
			if err != nil || digestErr != nil || got != want {
				t.Errorf("%v, digest %x, %v; want %x", err, got, digestErr, want)
			}
		})
	}
}

// A function of the user may print, read standard input, and fail in any way: the session continues
// to work.
func TestUserFunctions(t *testing.T) {
	real(t)
	inputs := [][]byte{[]byte(`"a"`), []byte(`"b"`)}
	for _, c := range []struct{ strategy, function, want string }{
		{"py-serial", "payoff_user:loud", `["b", "bb"]`},
		{"py-pool-map", "payoff_user:loud", `["b", "bb"]`},
		{"py-executor-map", "payoff_user:loud", `["b", "bb"]`},
		{"py-pool-map", "payoff_user:odd", "cannot be encoded"},
		{"py-serial", "payoff_user:nan", "cannot be encoded"},
		{"py-serial", "payoff_user:leave", "SystemExit: 3"},
		{"py-serial", "payoff_user:die", "exit status 4"},
		{"py-executor-map", "payoff_user:small", "pickle"},
		{"py-serial", "payoff_user:number", "not a function"},
		{"py-serial", "payoff_user:none", "no attribute 'none'"},
		{"py-serial", "payoff_none:f", "No module named 'payoff_none'"},
		{"py-serial", "gzip", "no twin in Python"},
		{"py-pool-map", "payoff_user:large", strings.Repeat("x", 4<<20)},
		{"py-pool-map", "payoff_user:slay", "python ended: signal: killed"},
	} {
		t.Run(c.strategy+" "+c.function, func(t *testing.T) {
			_, ex := start(t, c.strategy, catalog.Setting{})
			pool := ex.(*catalog.Remote).Pool
			err := pool.Hand(t.Context(), c.function, inputs)
			var got catalog.RemoteOutcome
			if err == nil {
				got, err = pool.Run(t.Context(), 1)
			}
			said := ""
			switch {
			case err != nil:
				said = err.Error()
			case got.Failed[1] != nil:
				said = got.Failed[1].Error()
			default:
				said = string(got.Values[1])
			}
			if !strings.Contains(said, c.want) {
				t.Errorf("%.200q; %.200q was expected in it", said, c.want)
			}
		})
	}
}
