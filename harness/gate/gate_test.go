package gate

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/harness/compare"
	"github.com/payoff-bench/payoff/harness/toml"
)

const good = `# limits
[[gate]]
name = "fast"
kind = "speed-up"
cells = "strategy:pool cores:2"
against = "strategy:serial"
from = "100us"
at-least = 1.6

[[gate]]
name = "small"
kind = "value"
cells = "strategy:pool"
unit = "peak-pss-bytes"
at-most = "64MiB"

[[gate]]
name = "early"
kind = "metg"
cells = "strategy:procs"
at-most = "2us"

[[gate]]
name = "kept"
kind = "baseline"
cells = "strategy:pool"
baseline = "before"
at-most = 1.05
`

func TestParse(t *testing.T) {
	f, err := Parse("g.toml", []byte(good))
	if err != nil || len(f.Gates) != 4 {
		t.Fatalf("%d gates, %v", len(f.Gates), err)
	}
	for i, want := range []Gate{
		{Name: "fast", Kind: SpeedUp, Line: 2, From: 100_000, AtLeast: true, Limit: 1.6},
		{Name: "small", Kind: Value, Line: 10, Unit: harness.UnitPSS, Limit: 64 << 20},
		{Name: "early", Kind: METG, Line: 17, Limit: 2000},
		{Name: "kept", Kind: Baseline, Line: 23, Unit: harness.UnitTask, Baseline: "before", Limit: 1.05},
	} {
		got := f.Gates[i]
		if len(got.Cells.Axes()) == 0 || (len(got.Against.Axes()) > 0) != (want.Kind == SpeedUp) {
			t.Errorf("gate %s: Parse returned no filter", want.Name)
		}
		want.Cells, want.Against = got.Cells, got.Against
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// TestBadFiles checks that the error for each fault of a file has the line and a remedy.
func TestBadFiles(t *testing.T) {
	for _, c := range []struct {
		old, new string
		line     int
		says     string
	}{
		{good, "", 0, "the file has no table [[gate]]; add at least one"},
		{"# limits", "limits = 1", 1, `unknown key "limits": have gate`},
		{"# limits", `unit = "ns/task"`, 1, "it is a key of [[gate]]; move it there"},
		{`from =`, `form =`, 7, `unknown key "gate.form": did you mean from? have name, kind`},
		{`from = "100us"`, `unit = "ns/op"`, 7, "a gate of kind speed-up has no key unit; its keys are name, kind, cells, against"},
		{`at-least = 1.6`, `at-least = 1.6` + "\nat-most = 2", 9, "needs exactly one of at-least and at-most"},
		{`at-least = 1.6`, ``, 2, "needs exactly one of at-least and at-most"},
		{`at-least = 1.6`, `at-least = 0`, 8, "impossible: the speed-up is always above 0"},
		{`at-least = 1.6`, `at-least = -1`, 8, "impossible"},
		{`at-least = 1.6`, `at-least = nan`, 8, "impossible"},
		{`at-least = 1.6`, `at-least = inf`, 8, "impossible"},
		{`at-least = 1.6`, `at-least = "2us"`, 8, "want a number, such as 1.6"},
		{`at-least = 1.6`, `at-least = [1]`, 8, "want a number, such as 1.6"},
		{`"speed-up"`, `"speedup"`, 4, `unknown kind "speedup": did you mean speed-up?`},
		{`kind = "speed-up"`, ``, 2, "gate without a kind"},
		{`name = "fast"`, ``, 2, "gate without a name"},
		{`name = "fast"`, `name = 3`, 3, "name wants text in quotes"},
		{`name = "small"`, `name = "fast"`, 11, `gate "fast" is also on line 2`},
		{`cells = "strategy:pool cores:2"`, ``, 2, "gate without cells"},
		{`cells = "strategy:pool cores:2"`, `cells = "strategie:pool"`, 5, `unknown filter key "strategie": did you mean strategy?`},
		{`cells = "strategy:pool cores:2"`, `cells = "pool"`, 5, "is not key:value"},
		{`cells = "strategy:pool cores:2"`, `cells = "strategy:pool grain:1000"`, 5, "all select sizes of tasks"},
		{`against = "strategy:serial"`, `against = "strategy:serial cores:1"`, 6, "the filter \"against\" has the key cores"},
		{`against = "strategy:serial"`, `against = "strategy:pool cores:2"`, 6, "the filter \"against\" has the key cores"},
		{`against = "strategy:serial"`, ``, 2, "without a strategy to compare with"},
		{`from = "100us"`, `from = "soon"`, 7, "want a time above 0"},
		{`from = "100us"`, "from = \"100us\"\nto = \"1us\"", 7, "from = 100us is a longer time than to = 1us"},
		{`"peak-pss-bytes"`, `"peak-pss-byte"`, 14, `unknown unit "peak-pss-byte": did you mean peak-pss-bytes?`},
		{`unit = "peak-pss-bytes"`, ``, 10, "gate of kind value without a unit"},
		{`"64MiB"`, `"2us"`, 15, "at-most of peak-pss-bytes: \"2us\": want a size"},
		{`"64MiB"`, `"64parsec"`, 15, "want a size"},
		{`at-most = "2us"`, `at-most = "2furlongs"`, 21, `at-most of METG: "2furlongs": want a time`},
		{`cells = "strategy:procs"`, `cells = "strategy:procs grain:100"`, 20, "METG is computed from tasks"},
		{`cells = "strategy:procs"`, "cells = \"strategy:procs\"\nfrom = \"1us\"", 21, "a gate of kind metg has no key from"},
		{`baseline = "before"`, ``, 23, "without another run"},
		{`baseline = "before"`, `baseline = ""`, 27, "baseline wants the folder"},
		{`[[gate]]`, `[gate]`, 10, "already exists"},
		{`at-most = 1.05`, `at-most = `, 28, ""},
	} {
		_, err := Parse("g.toml", []byte(strings.Replace(good, c.old, c.new, 1)))
		var bad *toml.Error
		if !errors.As(err, &bad) || bad.Line != c.line || !strings.Contains(bad.Reason, c.says) {
			t.Errorf("%q: got %v, want line %d and %q", c.new, err, c.line, c.says)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add("[[gate]]\nname=1\nat-least=\"\"\n[gate.x]\ny=1")
	run := compare.Run{Samples: analyzetest.Quick.Samples()[:200]}
	f.Fuzz(func(t *testing.T, text string) {
		if file, err := Parse("g.toml", []byte(text)); err == nil {
			file.Check(run, nil, analyze.Settings{}, false)
		}
	})
}

// quick returns a run of the given number of rounds. Its samples also have values of memory.
func quick(rounds int) compare.Run {
	q := analyzetest.Quick
	q.Rounds, q.Cores = rounds, []int{2}
	samples := q.Samples()
	for i, s := range samples {
		s.Values[harness.UnitPSS] = 1 << 20 * float64(10+i%3)
		s.Values[harness.UnitMajor] = 0
	}
	return compare.Run{Folder: "results/x", Info: harness.Info{Rounds: rounds}, Samples: samples}
}

// check returns the report about a run, for a file with one gate. lines holds the keys of the gate.
func check(t *testing.T, run compare.Run, others map[string]compare.Run, lines string) (Report, error) {
	t.Helper()
	f, err := Parse("g.toml", []byte("[[gate]]\nname = \"g\"\n"+lines))
	if err != nil {
		t.Fatalf("%s: %v", lines, err)
	}
	return f.Check(run, others, analyze.Settings{}, false)
}

func TestCheck(t *testing.T) {
	run := quick(6)
	const fast, early, small = "kind = \"speed-up\"\ncells = \"strategy:pool chunk:16 cores:2\"\nagainst = \"strategy:serial\"\n", "kind = \"metg\"\ncells = \"strategy:pool chunk:16 cores:2\"\n", "kind = \"value\"\ncells = \"strategy:pool\"\n"
	for _, c := range []struct {
		lines string
		want  Verdict
		cells int
		says  string
	}{
		{fast + "from = \"10us\"\nat-least = 1.8", Holds, 3, "× ("},
		{fast + "from = \"10us\"\nat-least = 2.2", Fails, 3, ""},
		{fast + "from = \"10us\"\nat-least = 2.0", Unresolved, 3, ""},
		{fast + "from = \"10us\"\nat-most = 2.2", Holds, 3, ""},
		{fast + "from = \"1us\"\nto = \"10us\"\nat-most = 1.2", Fails, 2, "fails"},
		{fast + "at-least = 0.5", Holds, 5, "4 cells that are farther from the limit"},
		{early + "at-most = \"1us\"", Holds, 1, "n = 6"},
		{"kind = \"metg\"\ncells = \"strategy:procs chunk:1 cores:2\"\nat-most = \"100ns\"", Fails, 1, ""},
		{early + "at-least = \"10ns\"", Unresolved, 1, "at most 10"},
		{"kind = \"metg\"\ncells = \"strategy:procs chunk:1 cores:2\"\nat-least = \"100ns\"", Holds, 1, ""},
		{"kind = \"metg\"\ncells = \"strategy:serial cores:2\"\nat-most = \"1ms\"", Fails, 1, "not reached"},
		{"kind = \"metg\"\ncells = \"strategy:serial cores:2\"\nat-most = \"1s\"", Unresolved, 1, "not reached"},
		{"kind = \"metg\"\ncells = \"strategy:serial cores:2\"\nat-least = \"1ms\"", Holds, 1, ""},
		{small + "unit = \"peak-pss-bytes\"\nat-most = \"13MiB\"", Holds, 10, "MiB"},
		{small + "unit = \"peak-pss-bytes\"\nat-most = \"9MiB\"", Fails, 10, ""},
		{small + "unit = \"major-faults/task\"\nat-most = 0", Holds, 10, "0 (0 to 0)"},
		{small + "unit = \"major-faults/task\"\nat-least = 1", Fails, 10, ""},
		{small + "unit = \"service-ns\"\nat-most = \"1s\"", Missing, 10, "no launch measured service-ns"},
		{"kind = \"speed-up\"\ncells = \"strategy:pool cores:2\"\nagainst = \"strategy:pool chunk:16\"\nat-most = 2\nfrom = \"1ms\"", Holds, 1, ""},
	} {
		r, err := check(t, run, nil, c.lines)
		if err != nil {
			t.Errorf("%s: %v", c.lines, err)
			continue
		}
		var b strings.Builder
		if err := r.Text(&b); err != nil {
			t.Fatal(err)
		}
		if r.Verdict() != c.want || len(r.Results[0].Evidence) != c.cells || !strings.Contains(b.String(), c.says) {
			t.Errorf("%s: %v with %d cells, want %v with %d cells and %q:\n%s", c.lines, r.Verdict(), len(r.Results[0].Evidence), c.want, c.cells, c.says, b.String())
		}
	}
}

// TestGatesThatMatchNothing checks that a gate that selects nothing, or contradicts the run, gives
// an error with a line and no verdict.
func TestGatesThatMatchNothing(t *testing.T) {
	const against = "against = \"strategy:serial\"\nat-least = 1\n"
	for lines, says := range map[string]string{
		"kind = \"speed-up\"\ncells = \"strategy:pol\"\n" + against:                                                     `g.toml:4: the run has no such cell: unknown value of filter key strategy "pol": did you mean pool?`,
		"kind = \"speed-up\"\ncells = \"strategy:serial\"\nagainst = \"strategy:poll\"\nat-least = 1":                   "g.toml:5: the run has no such cell: unknown value of filter key strategy \"poll\": did you mean pool?",
		"kind = \"speed-up\"\ncells = \"strategy:pool\"\nfrom = \"1s\"\n" + against:                                     "g.toml:5: the run has no such cell with task times from 1.00 s on; the largest tasks take 1.00 ms",
		"kind = \"speed-up\"\ncells = \"strategy:pool\"\nto = \"1ns\"\n" + against:                                      "g.toml:5: the run has no such cell with task times",
		"kind = \"speed-up\"\ncells = \"strategy:serial chunk:16\"\n" + against:                                         "g.toml:4: cells selects no cell of the run",
		"kind = \"speed-up\"\ncells = \"strategy:serial cores:2\"\nagainst = \"strategy:serial chunk:1\"\nat-least = 1": "g.toml:5: the keys \"cells\" and \"against\" select the same cells",
		"kind = \"metg\"\ncells = \"strategy:direct\"\nat-most = \"1us\"":                                               "g.toml:4: the run has no such cell",
		"kind = \"value\"\ncells = \"workload:spim\"\nunit = \"ns/task\"\nat-most = \"1s\"":                             "g.toml:4: the run has no such cell: unknown value of filter key workload \"spim\": did you mean spin?",
		"kind = \"baseline\"\ncells = \"workload:spim\"\nbaseline = \"before\"\nat-most = 1":                            "g.toml:4: the run has no such cell",
	} {
		if _, err := check(t, quick(6), map[string]compare.Run{"before": quick(6)}, lines); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%s: got %v, want %s", lines, err, says)
		}
	}
	if _, err := check(t, compare.Run{}, nil, "kind = \"metg\"\ncells = \"strategy:pool\"\nat-most = \"1us\""); err == nil {
		t.Error("Check returned no error for a run without samples")
	}
	for name, v := range map[string]float64{"zero": 0, "negative": -1} {
		bad := quick(6)
		bad.Samples[7].Values[harness.UnitTask] = v
		if _, err := check(t, bad, nil, "kind = \"metg\"\ncells = \"strategy:pool\"\nat-most = \"1us\""); err == nil || !strings.Contains(err.Error(), "1 value of the run") {
			t.Errorf("a %s makespan: %v", name, err)
		}
	}
}

// TestNoVerdictFromTooLittle checks that a gate has no verdict with fewer than six rounds or with
// starved launches.
func TestNoVerdictFromTooLittle(t *testing.T) {
	const fast = "kind = \"speed-up\"\ncells = \"strategy:pool chunk:16 cores:2\"\nagainst = \"strategy:serial\"\nfrom = \"100us\"\nat-least = 1.2\n"
	kinds := []string{fast, "kind = \"value\"\ncells = \"strategy:pool\"\nunit = \"ns/task\"\nat-most = \"1s\"", "kind = \"metg\"\ncells = \"strategy:pool\"\nat-most = \"1s\""}
	for _, lines := range kinds {
		r, err := check(t, quick(5), nil, lines)
		if err != nil || r.Verdict() != Unresolved || len(r.Results[0].Evidence[0].Notes) == 0 {
			t.Errorf("five rounds: %v, %v for %s", r.Verdict(), err, lines)
		}
		busy := quick(6)
		for i := range busy.Samples {
			busy.Samples[i].Marks = []string{harness.MarkStarved}
		}
		r, err = check(t, busy, nil, lines)
		if err == nil && r.Verdict() != Unresolved && r.Verdict() != Missing {
			t.Errorf("starved launches: %v, %v for %s", r.Verdict(), err, lines)
		}
	}
	part := quick(6)
	part.Samples = part.Samples[:0:0]
	for _, s := range quick(6).Samples {
		if s.Cell.Strategy != "serial" || s.Cell.Grain != 100_000 {
			part.Samples = append(part.Samples, s)
		}
	}
	if r, err := check(t, part, nil, fast); err != nil || r.Verdict() != Missing {
		t.Errorf("a missing cell of against: %v, %v; want missing", r.Verdict(), err)
	}
}
