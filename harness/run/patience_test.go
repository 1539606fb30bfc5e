package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// TestLaggedLaunches checks that the run repeats and counts two launches whose open loops lagged.
// If a third launch lags too, the run must add a note, or return an error if it drops the cell.
func TestLaggedLaunches(t *testing.T) {
	s := &sink{}
	r, p := runner(t, s, "late", "pool")
	r.Workers = map[string][]string{"spin": []string{filepath.Join(t.TempDir(), "late")}}
	tally, err := r.Run(t.Context(), p)
	if err != nil || tally.Launches != 12 || tally.Void != 0 {
		t.Errorf("got tally %+v, error %v", tally, err)
	}
	void := 0.0
	for _, x := range s.samples {
		void += x.Values[harness.UnitVoidLoops]
	}
	if want := 2.0 + 3; void < want { // two repeated launches, and one per launch of at least three
		t.Errorf("%v void loops, want at least %v", void, want)
	}

	r, p = runner(t, &sink{}, "later", "pool")
	r.Workers = map[string][]string{"spin": []string{filepath.Join(t.TempDir(), "later")}}
	tally, err = r.Run(t.Context(), p)
	if err == nil || !strings.Contains(err.Error(), "the generator lagged") || tally.Void != outAfter || len(tally.Notes) == 0 || !strings.Contains(tally.Notes[0], "in round 1: the generator lagged") || strings.Contains(err.Error(), "in round 1:") {
		t.Errorf("got tally %+v, error %v", tally, err)
	}
	if made, err := os.ReadFile(r.Workers["spin"][0]); err != nil || len(made) < outAfter*punctually {
		t.Errorf("%d launches, %v", len(made), err)
	}
}

// TestPatience checks that the time limit of a launch is longer for longer jobs.
func TestPatience(t *testing.T) {
	long, short := harness.Task{Workload: "command"}, harness.Task{Workload: "spin"}
	r := &run{Runner: &Runner{}, jobs: map[harness.Task]harness.Job{long: {Work: 20e9}, short: {Work: 1000}}}
	of := func(t harness.Task, n int) harness.Spec {
		return harness.Spec{Cell: harness.Cell{Task: harness.Task{Workload: t.Workload}}, Tasks: n}
	}
	for _, c := range []struct {
		spec harness.Spec
		want time.Duration
	}{
		{of(short, 50_000), DefaultTimeout},
		{of(long, 2), 800 * time.Second},
		{harness.Spec{Cell: harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000}}, Workers: 8}, DefaultTimeout}, // a probe
		{harness.Spec{Cell: harness.Cell{Task: harness.Task{Workload: "spin", Grain: 20e9}}, Workers: 2}, 240 * time.Second},
	} {
		if got := r.patience(c.spec); got != c.want {
			t.Errorf("%+v: %v, want %v", c.spec, got, c.want)
		}
	}
	r.Program = []string{"sleep"}
	probe := harness.Spec{Cell: harness.Cell{Task: harness.Task{Workload: "command"}}, Workers: 8}
	if got := r.patience(probe); got != 90*time.Minute { // 18 tasks of at most 5 minutes
		t.Errorf("the limit of a probe of programs is %v", got)
	}
	r.Rules.Timeout, probe.Fit.Left = time.Second, time.Hour
	if got := r.patience(probe); got != time.Hour {
		t.Errorf("the limit of a probe of programs with a budget is %v", got)
	}
	r.Timeout = time.Second
	if got := r.patience(of(long, 2)); got != time.Second {
		t.Errorf("the limit is %v, want the Timeout of one second", got)
	}
}
