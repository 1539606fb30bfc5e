package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/report"
)

// TestCause checks the first lines of an explanation: the parts beyond the error of sampling, the
// largest first, and only changes that may help.
func TestCause(t *testing.T) {
	task := harness.Task{Workload: "spin", Grain: 1000}
	slow := harness.Cell{Task: task, Strategy: harness.Processes, Cores: 2, Workers: 2, Chunk: "1", Order: harness.MapOrder}
	fast, chunked, coarse := slow, slow, slow
	fast.Strategy, chunked.Chunk, coarse.Grain = "pool", "64", 10_000
	ratio := func(v float64) analyze.Estimate { return analyze.Estimate{Value: v, Lo: v, Hi: v, N: 10} }
	cause := &analyze.Cause{
		A: slow, B: fast, Path: "p/cpu.pb.gz", Every: 64,
		Parts: []analyze.CausePart{
			{Name: analyze.CauseExecute, A: 1003, B: 1000, Half: 20}, {Name: analyze.CauseCodecs, A: 30, Half: 4},
			{Name: analyze.CauseBytes, A: 60, Half: 5}, {Name: analyze.CauseMissed, A: 7, B: 3},
		},
		CPU: analyze.CausePart{A: 1100, B: 1003}, Idle: analyze.CausePart{Name: analyze.CauseIdle, A: 15, B: 5},
		System: analyze.CausePart{A: 55, B: 0}, Waited: analyze.CausePart{A: 12},
		Stages: []analyze.CauseStage{{Name: "encode", A: 20, HasA: true}, {Name: "execute", A: 1003, B: 1000, HasA: true, HasB: true}},
	}
	of := analyze.Explanation{
		Difference: analyze.Difference{A: slow, B: fast, Work: ratio(1000), Ratio: ratio(1.1), Total: analyze.Change{Value: 107, Lo: 100, Hi: 114, N: 10}},
		Cause:      cause,
		Remedies: []analyze.Remedy{
			{Key: "chunk", Cell: chunked, Ratio: ratio(1.02), Helps: true},
			{Key: "transport", Cell: slow, Ratio: ratio(1.2)},
			{Key: "grain", Cell: coarse, Ratio: ratio(1.01), Helps: true},
		},
	}
	text := func() string {
		var b bytes.Buffer
		if err := report.Why(&b, of, 1000); err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(b.String()), " ")
	}
	for _, want := range []string{
		"1.00 µs of spin on 2 cores: procs takes 1.10 × the time of pool, +107 ns (+100 to +114 ns) core time per task. Why,",
		"Why, by profiles: +97 ns of CPU (moving bytes +60 ns, encoding and decoding +30 ns, rest +7.0 ns), +10 ns of idle cores.",
		"To change it: fewer hand-overs (chunk 64: 1.02 × pool), a cheaper codec or less data or larger tasks (10 µs: 1.01 × pool).",
		"system calls are 5 % of the CPU time of procs and 0 % of that of pool",
		"By stamps on one task in 64, in ns: execute 1003 against 1000; only in procs: encode 20.",
	} {
		if got := text(); !strings.Contains(got, want) {
			t.Errorf("the text lacks %q:\n%s", want, got)
		}
	}
	if got := text(); strings.Contains(got, "outside of the interval") {
		t.Errorf("the profiled difference is inside of the interval, but the text is %s", got)
	}
	cause.Idle.A, cause.Starved = 100, true
	if got := text(); !strings.Contains(got, "The profiled launches differ by +192 ns, outside of the interval of the run") || !strings.Contains(got, "Other processes used the cores") {
		t.Errorf("the text lacks doubts: %s", got)
	}
	of.Cause, of.Remedies = nil, nil
	if got := text(); strings.Contains(got, "To change it") || strings.Contains(got, "profiles") {
		t.Errorf("without evidence the text is %s", got)
	}
}
