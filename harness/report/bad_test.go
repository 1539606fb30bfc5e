package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/harness/document"
	"github.com/payoff-bench/payoff/harness/report"
)

// TestBadRuns checks the screen, report.json and the table of several runs for runs with few usable
// launches, or none. The texts say what is missing, call no advice settled after few rounds, and
// contain no NaN or infinite number.
func TestBadRuns(t *testing.T) {
	r := analyzetest.Quick
	r.Grains = r.Grains[:2]
	only := func(keep func(s harness.Sample) bool) (out []harness.Sample) {
		for _, s := range r.Samples() {
			if keep(s) {
				out = append(out, s)
			}
		}
		return out
	}
	void := r.Samples()
	for i := range void {
		void[i].Values = map[string]float64{harness.UnitTask: 0, harness.UnitOp: -1}
	}
	starved := r.Samples()
	for i := range starved {
		starved[i].Marks = []string{harness.MarkStarved}
	}
	whole := report.Run{Name: "whole", Analysis: analysis(info, r.Samples())}
	for _, c := range []struct {
		name    string
		samples []harness.Sample
		screen  string // that the screen says; "" for nothing in particular
		notes   string // that report.json says
		alone   bool   // shares no task with a whole run
	}{
		{"nothing", nil, "no launch was measured", "nothing to compare", true},
		{"no usable launch", void, "", "no launch has a makespan", true},
		{"all starved", starved, "DO NOT DECIDE", "starved", false},
		{"one launch", r.Samples()[1:2], "", "one round is too few", true},
		{"one round", only(func(s harness.Sample) bool { return s.Round == 0 }), "1 round", "one round is too few", false},
		{"one strategy", only(func(s harness.Sample) bool { return s.Cell.Strategy == "pool" && s.Cell.Chunk == "1" }), "", "", true},
		{"only direct", only(func(s harness.Sample) bool { return s.Cell.Strategy == harness.Direct }), "", "", true},
		{"one core", only(func(s harness.Sample) bool { return s.Cell.Cores == 1 }), "spin", "", false},
	} {
		a := analysis(info, c.samples)
		var screen, doc, side bytes.Buffer
		if err := report.Screen(&screen, "DIR", a); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(screen.String(), c.screen) {
			t.Errorf("%s: the screen does not say %q:\n%s", c.name, c.screen, screen.String())
		}
		if err := document.Write(&doc, a); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var d document.Document
		if err := json.Unmarshal(doc.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(d.Notes, "\n"), c.notes) {
			t.Errorf("%s: the notes do not say %q: %q", c.name, c.notes, d.Notes)
		}
		for _, x := range d.Advice {
			if x.Certainty == analyze.Settled.String() && a.Complete < harness.FewestRounds {
				t.Errorf("%s: settled advice %+v", c.name, x)
			}
		}
		err := report.SideBySide(&side, []report.Run{whole, {Name: c.name, Analysis: a}}, true)
		if errors.Is(err, report.ErrNothingShared) != c.alone || !c.alone && err != nil {
			t.Errorf("%s: side by side: %v", c.name, err)
		}
		for what, text := range map[string]string{"screen": screen.String(), "side by side": side.String(), "report.json": doc.String()} {
			for _, bad := range []string{"NaN", "Inf", "%!"} {
				if strings.Contains(text, bad) {
					t.Errorf("%s: the %s holds %s", c.name, what, bad)
				}
			}
		}
		for line := range strings.Lines(screen.String() + side.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 100 {
				t.Errorf("%s: %d columns: %s", c.name, n, line)
			}
		}
	}
}

// TestSideBySide checks that the table of several runs fits the screen. Tasks with different
// answers come first, and a run that lacks a task is marked as not measured.
func TestSideBySide(t *testing.T) {
	r := analyzetest.Quick
	fast := r
	fast.Costs = []analyzetest.Cost{{Name: "serial", Worker: 20}, {Name: "pool", Slower: 3}, {Name: "procs", Hand: 10}}
	fast.Grains = r.Grains[1:]
	other := info
	other.Environment, other.Limits.Nice = map[string]string{"SPEED": "1", "HOME": "2"}, 5
	mine := info
	mine.Environment = map[string]string{"HOME": "2"}
	other.Machine.Host, other.Machine.Kernel, other.Seed = "laptop", "7.0", 43
	runs := []report.Run{{Name: "one", Analysis: analysis(mine, r.Samples())}, {Name: "two", Analysis: analysis(other, fast.Samples())}}
	print := func(runs []report.Run, all bool) string {
		var out bytes.Buffer
		if err := report.SideBySide(&out, runs, all); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	text := print(runs, false)
	for _, want := range []string{"host host / laptop", "operating system release 6.1 / 7.0", "seed 42 / 43", "limits – / nice value 5", "environment variables SPEED.", "≠", "pool", "procs"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if !strings.Contains(strings.Split(text, "task (nominal)")[1][:200], "≠") {
		t.Errorf("the first task has no different answers:\n%s", text)
	}
	samples := r.Samples()
	samples[0].At = time.Unix(7, 0)
	first, again := *runs[0].Analysis, *runs[0].Analysis
	edited, copied := report.Run{Name: "one", Analysis: &first}, report.Run{Name: "copy", Analysis: &again}
	edited.Info.Foreign, edited.Info.Jobs, edited.Samples = "run.json was changed after the run", []harness.Job{{Task: harness.Task{Workload: "spin", Grain: 9}, Digest: 1}}, samples
	again.Info.Foreign, again.Info.Jobs = "", []harness.Job{{Task: harness.Task{Workload: "spin", Grain: 9}, Digest: 2}}
	copied.Samples = samples[:1]
	warned := strings.Join(strings.Fields(print([]report.Run{edited, copied}, false)), " ")
	for _, want := range []string{
		"WARNING: A is doubtful: run.json was changed after the run.", "WARNING: A and B have the same 1 launch; one run is a copy of the other.",
		"WARNING: A and B compute different outputs for workload=spin/grain=9/payload=0, so their tasks are not the same work.",
	} {
		if !strings.Contains(warned, want) {
			t.Errorf("no %q in\n%s", want, warned)
		}
	}
	if strings.Contains(print(runs, false), "WARNING") {
		t.Error("warnings without a reason")
	}
	many := append(runs, runs[0], runs[1], runs[0])
	for _, text := range []string{text, print(many, false)} {
		if lines := strings.Count(text, "\n"); lines > 25 {
			t.Errorf("%d lines:\n%s", lines, text)
		}
	}
	three := print([]report.Run{runs[0], runs[0], runs[1]}, true)
	if !strings.Contains(three, "not measured") { // the finest grain
		t.Errorf("no run lacks a task:\n%s", three)
	}
}
