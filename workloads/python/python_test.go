package python

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs"
	systems "github.com/payoff-bench/payoff/strategies/python"
	"github.com/payoff-bench/payoff/workloads"
)

// open returns a load whose tasks call the given function of testdata/tasks.py, with three
// different values.
func open(t *testing.T, function string, tasks int) workloads.Load {
	t.Helper()
	file := filepath.Join(t.TempDir(), "inputs.jsonl")
	if err := os.WriteFile(file, Encode([][]byte{[]byte(`1`), []byte(`"two"`), []byte(`[3]`)}), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Workload().New(workloads.Params{Function: function, Inputs: file, Seed: 7})
	if err == nil {
		err = l.Inputs(tasks)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// found is the interpreter of this machine.
var found = sync.OnceValues(func() (systems.Interpreter, error) { return systems.Find(context.Background(), "") })

// shared executors of some strategies of Python. They run any function, and tests share them, since a
// start takes longer than a job.
var shared = sync.OnceValues(func() (all map[string]strategies.Executor, err error) {
	i, err := found()
	if err != nil {
		return nil, err
	}
	all = map[string]strategies.Executor{}
	for _, s := range systems.Table() {
		switch s.Name {
		case systems.Loop, "py-pool-map", "py-threads-map", "py-executor-map":
			if all[s.Name], err = s.New(context.Background(), catalog.Config{Workers: 2, Python: i.Path}); err != nil {
				panic(fmt.Errorf("%s: %w", s.Name, err))
			}
		}
	}
	return all, nil
})

func TestMain(m *testing.M) {
	os.Setenv("PYTHONDONTWRITEBYTECODE", "1")
	if err := os.Chdir("testdata"); err != nil { // where interpreters find modules
		panic(err)
	}
	status := m.Run()
	if all, err := shared(); err == nil {
		for name, x := range all {
			if err := x.Close(); err != nil {
				fmt.Fprintln(os.Stderr, name, err)
				status = 1
			}
		}
	}
	os.Exit(status)
}

// executors returns an executor of worker processes that call the function, and the shared ones.
func executors(t *testing.T, function string) map[string]strategies.Executor {
	t.Helper()
	all, err := shared()
	if err != nil {
		t.Skipf("no interpreter to test with: %v", err)
	}
	i, err := found()
	if err != nil {
		t.Fatal(err)
	}
	command := i.Worker(function)
	x, err := procs.New(t.Context(), procs.Config{Workers: 1, Program: procs.Command(command[0], command[1:]...), Process: procs.Process{Env: []string{"PYTHONDONTWRITEBYTECODE=1"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	all = maps.Clone(all)
	all["procs"] = x
	return all
}

// TestOutputs checks that all strategies return the same outputs as serial Python.
func TestOutputs(t *testing.T) {
	l := open(t, "tasks:describe", 7)
	digests := map[uint64][]string{}
	for name, x := range executors(t, "tasks:describe") {
		if err := l.Map(t.Context(), x, strategies.Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		d, err := l.Digest()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		digests[d] = append(digests[d], name)
	}
	if len(digests) != 1 {
		t.Errorf("digests %v; all must be equal", digests)
	}
	if l.Most() != mostTasks {
		t.Errorf("a job has at most %d tasks; pools would take long for them", l.Most())
	}
	s := l.Selection()
	if s.Of != 3 || len(s.Lines) != 3 || len(s.Texts) != 3 {
		t.Errorf("selection %+v", s)
	}
}

// TestOtherOutputs runs a function that returns a different value in each process. It checks that
// the digests of its jobs differ.
func TestOtherOutputs(t *testing.T) {
	l := open(t, "tasks:process", 2)
	digests := map[uint64]bool{}
	for _, x := range executors(t, "tasks:process") {
		if err := l.Map(t.Context(), x, strategies.Options{}); err != nil {
			t.Fatal(err)
		}
		d, err := l.Digest()
		if err != nil {
			t.Fatal(err)
		}
		digests[d] = true
	}
	if len(digests) < 2 {
		t.Error("all digests are equal, although each process returns its own number")
	}
}

// TestFailures checks that the error of a task names its input.
func TestFailures(t *testing.T) {
	l := open(t, "tasks:fail", 3)
	for name, x := range executors(t, "tasks:fail") {
		err := l.Map(t.Context(), x, strategies.Options{})
		if err == nil || !strings.Contains(err.Error(), "two is not wanted") {
			t.Errorf("%s: error %v", name, err)
		}
		if name == "procs" && !strings.HasPrefix(err.Error(), `input 2, "two": `) {
			t.Errorf("%s: error %v; its input was expected", name, err)
		}
	}
	if err := l.Direct(t.Context()); err == nil || !errors.Is(err, workloads.ErrElsewhere) {
		t.Errorf("direct loop: error %v", err)
	}
}

// TestChangedInput checks that a function which changes an input is noticed, if later jobs would have
// the changed input.
func TestChangedInput(t *testing.T) {
	for name, x := range executors(t, "tasks:grow") {
		err := open(t, "tasks:grow", 3).Map(t.Context(), x, strategies.Options{})
		shares := name == systems.Loop || name == "py-threads-map"
		if shares != (err != nil && strings.Contains(err.Error(), "the function changed the input of task")) || !shares && err != nil {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestStoppedClock checks that a function which replaces Python's clock does not change the measured
// time.
func TestStoppedClock(t *testing.T) {
	x := executors(t, "tasks:stop_clock")[systems.Loop]
	for range 2 {
		l := open(t, "tasks:stop_clock", 3)
		err := l.Map(t.Context(), x, strategies.Options{})
		if took, _ := l.Took(); err != nil || took <= 0 {
			t.Errorf("took %v, error %v", took, err)
		}
	}
}

func TestParams(t *testing.T) {
	file := filepath.Join(t.TempDir(), "inputs")
	if err := os.WriteFile(file, []byte("1\n{\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, p := range map[string]workloads.Params{
		"inputs:2: the line is not JSON": {Function: "a:b", Inputs: file},
		"no such file":                   {Function: "a:b", Inputs: file + "none"},
	} {
		if _, err := Workload().New(p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v; %q was expected", p, err, want)
		}
	}
}
