package profile

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"

	"github.com/payoff-bench/payoff/harness"
)

// made writes a CPU profile with the given number of samples of each stack. A stack lists functions
// from the innermost on.
func made(t *testing.T, path string, stacks map[string]int64) {
	t.Helper()
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"},
		Period:     int64(Period),
	}
	for stack, n := range stacks {
		s := &profile.Sample{Value: []int64{n, n * p.Period}}
		for name := range strings.FieldsSeq(stack) {
			f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: name}
			l := &profile.Location{ID: f.ID, Line: []profile.Line{{Function: f}}}
			p.Function, p.Location = append(p.Function, f), append(p.Location, l)
			s.Location = append(s.Location, l)
		}
		p.Sample = append(p.Sample, s)
	}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

const (
	kernel  = payoff + "workloads/kernels.spin "
	claim   = payoff + "strategies.(*mapJob[go.shape.int]).run"
	control = payoff + "harness/launch.controls"
)

// merged writes the merged profile of two cells: pool ran 1000 tasks, and serial ran 4000.
func merged(t *testing.T) string {
	t.Helper()
	cell := func(strategy string) harness.Cell {
		return harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000}, Strategy: strategy, Cores: 2, Workers: 2, Chunk: "1", Order: harness.MapOrder}
	}
	var launches []Launch
	for _, l := range []struct {
		strategy string
		tasks    int
		stacks   map[string]int64
	}{
		{"pool", 1000, map[string]int64{kernel + claim: 100, claim: 30, control: 50}},
		{"serial", 4000, map[string]int64{kernel + claim: 400, claim: 40, control: 90}},
	} {
		dir := t.TempDir()
		made(t, filepath.Join(dir, "launch-5.cpu"), l.stacks)
		launches = append(launches, Launch{Cell: cell(l.strategy), Kind: "cpu", Dir: dir, Tasks: l.tasks, Wall: time.Second})
	}
	var b bytes.Buffer
	sum, err := Merge(&b, launches)
	if err != nil || len(sum.Short) > 0 {
		t.Fatal(err, sum.Short)
	}
	path := filepath.Join(t.TempDir(), "cpu.pb.gz")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCompare(t *testing.T) {
	sides, err := Read(merged(t))
	if err != nil || len(sides) != 2 {
		t.Fatalf("%d sides, %v", len(sides), err)
	}
	d, err := Compare(sides[0], sides[1])
	if err != nil {
		t.Fatal(err)
	}
	const ms = 1e6
	want := []Row{{Name: Execute, A: ms, B: ms}, {Name: Dispatch, A: 0.3 * ms, B: 0.1 * ms}}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-6*ms }
	if len(d.Stages) != len(want) {
		t.Fatalf("stages %v", d.Stages)
	}
	for i, r := range d.Stages {
		if r.Name != want[i].Name || !near(r.A, want[i].A) || !near(r.B, want[i].B) {
			t.Errorf("stage %+v; %+v was expected", r, want[i])
		}
	}
	if f := d.Functions[0]; f.Name != claim || !near(f.Diff(), 0.2*ms) || !near(f.Half, 1.96*ms*math.Sqrt(30*1e-4+40*1e-4/16)) {
		t.Errorf("first function %+v", f)
	}
	if !near(d.Total.A, 1.3*ms) || !near(d.Total.B, 1.1*ms) {
		t.Errorf("total %+v", d.Total)
	}

	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	p, err := profile.ParseData(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, s := range p.Sample {
		sum += float64(s.Value[1]) / Scaled
	}
	if !near(sum, d.Total.Diff()) || p.SampleType[1].Type != "cpu_per_million_tasks" {
		t.Errorf("the profile of the difference has %v ns per task of %s", sum, p.SampleType[1].Type)
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "foreign")
	made(t, path, map[string]int64{claim: 1})
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), "foreign: payoff profile did not write this file") {
		t.Errorf("foreign profile: %v", err)
	}
	text, err := os.ReadFile(merged(t))
	if err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(dir, "torn")
	if err := os.WriteFile(torn, text[:len(text)/2], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(torn); err == nil || !strings.Contains(err.Error(), "the file is torn or not a profile") {
		t.Errorf("torn profile: %v", err)
	}
}

func TestMergeSaysTooShort(t *testing.T) {
	dir := t.TempDir()
	made(t, filepath.Join(dir, "launch-5.cpu"), map[string]int64{kernel + claim: 4, control: 100})
	made(t, filepath.Join(dir, "worker-6.cpu.error-28"), nil)
	sum, err := Merge(&bytes.Buffer{}, []Launch{{Kind: "cpu", Dir: dir, Tasks: 10, Wall: 2 * time.Second}})
	if err != nil || len(sum.Short) != 1 || !strings.Contains(sum.Short[0], "--time 11s takes enough") {
		t.Errorf("%v, %v", sum.Short, err)
	}
	if len(sum.Notes) != 1 || !strings.Contains(sum.Notes[0], "w0: no space left on device") {
		t.Errorf("notes %v", sum.Notes)
	}
}

func TestStages(t *testing.T) {
	const server = " " + payoff + "strategies/procs/worker.(*server).serve"
	const bind = " " + payoff + "strategies.(*Kernel[go.shape.int]).Bind.Kernel[go.shape.int].Bind.func2" + server
	for stack, want := range map[string]string{
		kernel + claim: Execute,
		"compress/flate.deflate main.squeeze " + claim: Execute,
		"runtime.memmove " + claim:                     Dispatch,
		"runtime.mallocgc main.own" + bind:             Execute,
		payoff + "workloads.cutTask " + payoff + "workloads/kernels.counted.TaskCodec.func3" + bind:     Decode,
		payoff + "workloads.appendOutcome " + payoff + "workloads/kernels.x.OutcomeCodec.func2" + bind:  EncodeBack,
		payoff + "workloads.appendTask " + payoff + "strategies.encodeAll[go.shape.int]":                Encode,
		"syscall.RawSyscall " + payoff + "strategies/wire/transport.write" + server:                     SendBack,
		"syscall.RawSyscall " + payoff + "strategies/wire/transport.write " + payoff + "strategies/x.y": Send,
		"runtime.scanObject runtime.gcDrain runtime.gcBgMarkWorker":                                     Collect,
		"runtime.findRunnable runtime.schedule runtime.mcall":                                           Schedule,
		payoff + "workloads.(*load[go.shape.int]).sum " + control:                                       Outside,
		"runtime.nanotime": "",
	} {
		path := filepath.Join(t.TempDir(), "p")
		made(t, path, map[string]int64{stack: 1})
		p, err := parse(path, "cpu")
		if err != nil {
			t.Fatal(err)
		}
		if got := stageOf(p.Sample[0]); got != want {
			t.Errorf("stack %s: stage %q; %q was expected", stack, got, want)
		}
	}
}

func TestMergeScalesToKernel(t *testing.T) {
	dir := t.TempDir()
	made(t, filepath.Join(dir, "launch-5.cpu"), map[string]int64{kernel + claim: 50})
	for i, used := range []string{"300000000", "100000000"} {
		name := filepath.Join(dir, []string{"worker-6.cpu", "worker-7.cpu"}[i])
		made(t, name, []map[string]int64{{kernel: 30, claim: 2}, nil}[i])
		if err := os.WriteFile(name+".used", []byte(used), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	sum, err := Merge(&bytes.Buffer{}, []Launch{{Kind: "cpu", Dir: dir, Tasks: 10, Wall: time.Second}})
	if err != nil || sum.Processes != 3 || sum.Total < 899e6 || sum.Total > 900e6 {
		t.Errorf("%+v, %v; 500 ms of samples and 400 ms of the kernel's account were expected", sum, err)
	}
}
