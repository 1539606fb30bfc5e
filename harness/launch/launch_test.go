package launch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/profiler"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

var cell = harness.Cell{Task: harness.Task{Workload: "spin", Grain: 2000}, Strategy: "serial", Cores: 1, Workers: 1, Chunk: "1", Order: harness.MapOrder}

func table() []catalog.Strategy {
	return []catalog.Strategy{catalog.Named("serial"), catalog.Named("pool")}
}

// spec returns the spec of a short launch. The function change may modify the cell of the spec.
func spec(t *testing.T, change func(*harness.Cell)) harness.Spec {
	c := cell
	if change != nil {
		change(&c)
	}
	return harness.Spec{Cell: c, Tasks: 100, Seed: 5, MinTime: time.Millisecond, Dir: t.TempDir()}
}

func TestRunAgreesWithDirect(t *testing.T) {
	direct, err := Run(t.Context(), spec(t, func(c *harness.Cell) { c.Strategy = harness.Direct }), table(), kernels.All())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := direct.Values[harness.UnitStart]; ok || direct.Reps < 3 || direct.Tasks != 100 {
		t.Errorf("direct: %+v", direct)
	}
	for name, change := range map[string]func(*harness.Cell){
		"serial":     nil,
		"pool":       func(c *harness.Cell) { c.Strategy, c.Workers, c.Chunk = "pool", 2, "7" },
		"policy":     func(c *harness.Cell) { c.Strategy, c.Workers, c.Chunk = "pool", 2, "guided" },
		"input":      func(c *harness.Cell) { c.Strategy, c.Workers, c.Order, c.Window = "pool", 2, harness.InputOrder, 16 },
		"completion": func(c *harness.Cell) { c.Strategy, c.Workers, c.Order = "pool", 2, harness.CompletionOrder },
	} {
		r, err := Run(t.Context(), spec(t, change), table(), kernels.All())
		if err != nil {
			t.Fatalf("%s: got error %v", name, err)
		}
		if r.Digest != direct.Digest {
			t.Errorf("%s: digest %x, direct's is %x", name, r.Digest, direct.Digest)
		}
		for _, unit := range []string{harness.UnitOp, harness.UnitTask, harness.UnitTasks, harness.UnitStart, harness.UnitFirst, harness.UnitStop, harness.UnitControl} {
			if r.Values[unit] <= 0 {
				t.Errorf("%s: got %s = %v", name, unit, r.Values[unit])
			}
		}
		for _, unit := range []string{harness.UnitFirstResult, harness.UnitHeld, harness.UnitHeldTasks, harness.UnitAvailability} {
			if _, ok := r.Values[unit]; ok != (name == harness.InputOrder || name == harness.CompletionOrder) {
				t.Errorf("%s: %s is there: %v", name, unit, ok)
			}
		}
		if head, ok := r.Values[harness.UnitHeadOfLine]; ok != (name == harness.InputOrder) || head > r.Values[harness.UnitHeld] {
			t.Errorf("%s: outcomes were held for %v, of that for the head of the line %v", name, r.Values[harness.UnitHeld], head)
		}
		if first := r.Values[harness.UnitFirstResult]; first > r.Values[harness.UnitOp] {
			t.Errorf("%s: the first result after %v", name, first)
		}
		if math.Abs(r.Values[harness.UnitTask]*100/r.Values[harness.UnitOp]-1) > 1e-9 {
			t.Errorf("%s: got values %v", name, r.Values)
		}
	}
}

// TestRunOfASpread checks that a spread changes the outputs, and that every strategy has the same
// changed outputs.
func TestRunOfASpread(t *testing.T) {
	digests := map[uint64]int{}
	for _, spread := range []string{"", "lognormal"} {
		for _, change := range []func(*harness.Cell){
			func(c *harness.Cell) { c.Strategy = harness.Direct },
			func(c *harness.Cell) { c.Strategy, c.Workers, c.Chunk = "pool", 2, "auto" },
		} {
			r, err := Run(t.Context(), spec(t, func(c *harness.Cell) { change(c); c.Spread = spread }), table(), kernels.All())
			if err != nil {
				t.Fatal(err)
			}
			digests[r.Digest]++
		}
	}
	if len(digests) != 2 {
		t.Errorf("digests %v", digests)
	}
}

// TestOnce checks that a launch of a long job runs the job once. The result must name the units
// that have no value for this reason.
func TestOnce(t *testing.T) {
	s := spec(t, nil)
	s.Once = true
	r, err := Run(t.Context(), s, table(), kernels.All())
	if err != nil {
		t.Fatal(err)
	}
	_, memory := r.Values[harness.UnitPSS]
	if r.Reps != 1 || r.Values[harness.UnitOp] != r.Busy || memory || r.Absent[harness.UnitPSS] == "" || len(r.Marks) > 0 && slices.Contains(r.Marks, harness.MarkUnsettled) {
		t.Errorf("got result %+v", r)
	}
}

// TestProgram checks the job that a probe chooses for a program, and that a launch of the job
// measures the time of each input.
func TestProgram(t *testing.T) {
	inputs := filepath.Join(t.TempDir(), "inputs")
	if err := os.WriteFile(inputs, []byte("a\nb\nc\nd\ne\nf\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	table := table()
	s := harness.Spec{
		Cell: harness.Cell{Task: harness.Task{Workload: "command"}, Strategy: harness.Direct, Cores: 1, Workers: 1, Chunk: "1", Order: harness.MapOrder},
		Seed: 3, Dir: t.TempDir(), Program: []string{"/bin/sh", "-c", "echo $1 >>" + filepath.Join(filepath.Dir(inputs), "ran"), "sh", "{}"}, Inputs: inputs,
		Fit: harness.Fit{Workers: []int{1, 2, 4}, Cores: 1, Left: time.Minute},
	}
	r, err := Run(t.Context(), s, table, []workloads.Workload{kernels.Command()})
	if err != nil || r.Tasks < 6 || r.Subsample || r.Selection.Of != 6 || len(r.Selection.Lines) != 6 || len(r.Fitting) != 3 || r.Work <= 0 {
		t.Fatalf("got result %+v, error %v", r, err)
	}
	chosen := r.Selection.Texts[:3]
	s.Tasks, s.Once = 3, true
	r, err = Run(t.Context(), s, table, []workloads.Workload{kernels.Command()})
	if err != nil || len(r.Inputs) != 3 || slices.Min(r.Inputs) <= 0 {
		t.Errorf("got result %+v, error %v", r, err)
	}
	ran, err := os.ReadFile(filepath.Join(filepath.Dir(inputs), "ran"))
	last := strings.Fields(string(ran))
	if err != nil || len(last) < 3 {
		t.Fatalf("ran %q, error %v", ran, err)
	}
	for i, text := range chosen {
		if got := last[len(last)-len(chosen)+i]; got != text {
			t.Errorf("task %d ran %q, want %q", i, got, text)
		}
	}
}

// TestProbeOfSharedState checks that the jobs of a probe do not count as one, for tasks that share
// state.
func TestProbeOfSharedState(t *testing.T) {
	for _, name := range []string{"lock10", "counter", "racy", "queue"} {
		s := spec(t, func(c *harness.Cell) { c.Strategy, c.Workload = harness.Direct, name })
		s.Tasks = 0
		if r, err := Run(t.Context(), s, table(), kernels.All()); err != nil || r.Tasks < 64 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestProbe(t *testing.T) {
	s := spec(t, func(c *harness.Cell) { c.Strategy = harness.Direct })
	s.Tasks = 0
	probe, err := Run(t.Context(), s, table(), kernels.All())
	if err != nil {
		t.Fatal(err)
	}
	if probe.Work <= 0 || probe.Subsample || probe.Tasks < 64 {
		t.Errorf("got result of the probe %+v", probe)
	}
	s.Tasks = probe.Tasks
	if r, err := Run(t.Context(), s, table(), kernels.All()); err != nil || r.Digest != probe.Digest {
		t.Errorf("digest %x, the probe's is %x: %v", r.Digest, probe.Digest, err)
	}
}

// A badLoad is a load with a faulty job. Jobs are numbered from 1. The job with the number in the
// field fails returns an error. From the job with the number in the field changes on, the outputs
// differ from those of earlier jobs.
type badLoad struct {
	fails, changes int
	jobs           int
}

var errTask = errors.New("a task failed")

func (b *badLoad) Inputs(int) error                                 { return nil }
func (b *badLoad) Place(context.Context, strategies.Executor) error { return nil }
func (b *badLoad) Direct(context.Context) error {
	if b.jobs++; b.jobs == b.fails {
		return errTask
	}
	return nil
}
func (b *badLoad) Map(ctx context.Context, _ strategies.Executor, _ strategies.Options) error {
	return b.Direct(ctx)
}
func (b *badLoad) Stream(ctx context.Context, _ strategies.Executor, _ strategies.Options) error {
	return b.Direct(ctx)
}
func (b *badLoad) Stamped(ctx context.Context, _ strategies.Executor, _ strategies.Options) error {
	return b.Direct(ctx)
}
func (b *badLoad) Staged(ctx context.Context, _ strategies.Executor, _ strategies.Options, _ workloads.JobKind, _ *workloads.Stages) error {
	return b.Direct(ctx)
}
func (b *badLoad) Single(ctx context.Context, _ strategies.Executor) error { return b.Direct(ctx) }
func (b *badLoad) Digest() (uint64, error) {
	if b.changes > 0 && b.jobs >= b.changes {
		return 2, nil
	}
	return 1, nil
}
func (b *badLoad) Open(context.Context, strategies.Executor, iter.Seq[int], func(int, int)) error {
	return nil
}
func (b *badLoad) Values() map[string]float64       { return nil }
func (b *badLoad) Most() int                        { return 0 }
func (b *badLoad) Took() (_, _ time.Duration)       { return 0, 0 }
func (b *badLoad) Selection() workloads.Selection   { return workloads.Selection{} }
func (b *badLoad) Times() []time.Duration           { return nil }
func (b *badLoad) Preparation() catalog.Preparation { return catalog.Preparation{} }
func (b *badLoad) Close() error                     { return nil }

func TestBadLaunches(t *testing.T) {
	load := func(l badLoad) []workloads.Workload {
		return []workloads.Workload{{Name: "spin", New: func(workloads.Params) (workloads.Load, error) { return &l, nil }}}
	}
	for name, c := range map[string]struct {
		change func(*harness.Cell)
		ws     []workloads.Workload
		want   string
	}{
		"strategy": {func(c *harness.Cell) { c.Strategy = "pond" }, kernels.All(), `unknown strategy "pond": have serial, pool`},
		"workload": {func(c *harness.Cell) { c.Workload = "fib" }, kernels.All(), `unknown workload "fib": have spin`},
		"order":    {func(c *harness.Cell) { c.Order = "sorted" }, kernels.All(), "sorted"},
		"params":   {func(c *harness.Cell) { c.Grain = -1 }, kernels.All(), "grain"},
		"spread":   {func(c *harness.Cell) { c.Spread = "wild" }, kernels.All(), "spread = wild"},
		"chunk":    {func(c *harness.Cell) { c.Chunk = "-1" }, kernels.All(), "chunk"},
		"workers":  {func(c *harness.Cell) { c.Strategy, c.Workers = "pool", -1 }, kernels.All(), "workers"},
		"first":    {nil, load(badLoad{fails: 1}), "job 0: a task failed"},
		"later":    {nil, load(badLoad{fails: 4}), "job 3: a task failed"},
		"digest":   {nil, load(badLoad{changes: 3}), "job 2: outputs are wrong: their digest is 0000000000000002"},
	} {
		if _, err := Run(t.Context(), spec(t, c.change), table(), c.ws); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestServe(t *testing.T) {
	in, err := json.Marshal(spec(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Serve(t.Context(), bytes.NewReader(in), &out, table(), kernels.All()); err != nil {
		t.Fatal(err)
	}
	var r harness.Result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Tasks != 100 || r.Values[harness.UnitOp] <= 0 {
		t.Errorf("got result %+v, error %v", r, err)
	}
	if err := Serve(t.Context(), strings.NewReader("{"), &out, nil, nil); err == nil {
		t.Error("half a spec was served")
	}
}

func TestProfile(t *testing.T) {
	for _, k := range profiler.Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			t.Setenv(harness.ProfileEnv, "") // restored afterwards
			t.Setenv(harness.ProfileKindEnv, "")
			s := spec(t, nil)
			s.ProfileDir, s.ProfileKind = t.TempDir(), k.Name
			r, err := Run(t.Context(), s, table(), kernels.All())
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(s.ProfileDir, fmt.Sprintf("launch-%d.%s", os.Getpid(), k.Name))
			if st, err := os.Stat(name); err != nil || st.Size() == 0 {
				t.Errorf("%v", err)
			}
			if os.Getenv(harness.ProfileEnv) != s.ProfileDir || os.Getenv(harness.ProfileKindEnv) != k.Name {
				t.Error("worker processes do not get the folder and the kind of profiles")
			}
			if r.Ran < 5*s.Tasks || r.Ran%s.Tasks != 0 || r.Profiled <= 0 {
				t.Errorf("%d tasks ran in %v; five jobs of %d tasks or more were expected", r.Ran, r.Profiled, s.Tasks)
			}
		})
	}
}

func TestEnough(t *testing.T) {
	const ms = time.Millisecond
	if enough([]time.Duration{200 * ms, 200 * ms}, 100*ms) || enough([]time.Duration{ms, ms, ms}, 100*ms) || !enough([]time.Duration{ms, ms, ms}, 3*ms) {
		t.Error("want at least three jobs and the minimum time")
	}
	if m := median([]time.Duration{5, 1, 3}); m != 3 {
		t.Error(m)
	}
	if m := median([]time.Duration{4, 1, 3, 2}); m != 2.5 {
		t.Error(m)
	}
}

func TestControls(t *testing.T) {
	values := map[string]float64{}
	controls(values)
	if values[harness.UnitControl] <= 0 {
		t.Error(values)
	}
	if p, ok := values[harness.UnitPingPong]; ok && p <= 0 {
		t.Error(values)
	}
	t.Log(values)
}

func TestMarks(t *testing.T) {
	const ms = time.Millisecond
	if preempted(110*ms, 100*ms) || !preempted(112*ms, 100*ms) || preempted(50*ms, 100*ms) {
		t.Error("preempted")
	}
	m := newMeasurement(harness.Spec{}, workloads.Workload{}, &badLoad{})
	m.watch()()
	for _, unit := range []string{harness.UnitSteal, harness.UnitPressure, harness.UnitThrottled, harness.UnitLoad} {
		if _, ok := m.Values[unit]; ok == (m.Absent[unit] != "") || m.Values[unit] < 0 {
			t.Errorf("%s is %v, absent since %q", unit, m.Values[unit], m.Absent[unit])
		}
	}
}

// TestConcurrency checks that a launch reports the time of a task and the number of tasks in
// progress, if the tasks wait.
func TestConcurrency(t *testing.T) {
	const grain = 200_000
	s := harness.Spec{
		Cell:  harness.Cell{Task: harness.Task{Workload: "sleep", Grain: grain}, Strategy: "pool", Workers: 4, Cores: 1, Chunk: "1", Order: harness.MapOrder},
		Tasks: 16, Seed: 1, MinTime: time.Millisecond, Dir: t.TempDir(),
	}
	r, err := Run(t.Context(), s, catalog.Goroutines(), kernels.All())
	if err != nil {
		t.Fatal(err)
	}
	service, inFlight := r.Values[harness.UnitService], r.Values[harness.UnitConcurrency]
	if service < grain || inFlight <= 0 || inFlight > 4 {
		t.Errorf("a task took %v ns, %v were in progress", service, inFlight)
	}
}
