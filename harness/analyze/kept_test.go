package analyze

import (
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

// TestKept checks the note on tasks that keep results: the first job of every launch of the loop takes
// much longer than the later ones.
func TestKept(t *testing.T) {
	sample := func(strategy string, first, op float64) harness.Sample {
		return harness.Sample{Cell: harness.Cell{Task: harness.Task{Workload: "memo"}, Strategy: strategy},
			Values: map[string]float64{harness.UnitFirst: first, harness.UnitOp: op}}
	}
	info := harness.Info{Jobs: []harness.Job{{Task: harness.Task{Workload: "memo"}, Work: 5000}}}
	timed := func(task float64) harness.Sample {
		s := sample(harness.Direct, 10, 10)
		s.Values[harness.UnitTask] = task
		return s
	}
	for name, c := range map[string]struct {
		samples []harness.Sample
		want    string
	}{
		"kept":              {[]harness.Sample{sample(harness.Direct, 9000, 10), sample(harness.Direct, 800, 10)}, "(memo 80 times)"},
		"one slow first":    {[]harness.Sample{sample(harness.Direct, 9000, 10), sample(harness.Direct, 20, 10)}, ""},
		"another strategy":  {[]harness.Sample{sample("pool", 9000, 10)}, ""},
		"one job a launch":  {[]harness.Sample{{Cell: harness.Cell{Strategy: harness.Direct}, Values: map[string]float64{harness.UnitOp: 9}}}, ""},
		"nothing was taken": {},
		"kept in files":     {[]harness.Sample{timed(50), timed(100)}, "when their job was sized than in any later launch (memo 50 times)"},
		"slow once":         {[]harness.Sample{timed(50), timed(4000)}, ""},
	} {
		if got := string(kept(info, c.samples)); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: note %q", name, got)
		}
	}
}
