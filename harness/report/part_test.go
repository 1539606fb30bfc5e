package report_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
)

// TestReportOfAPart checks that a report of an incomplete run names the missing parts.
func TestReportOfAPart(t *testing.T) {
	r := analyzetest.Quick
	r.Grains = r.Grains[:2]
	all := r.Samples()
	only := func(keep func(s harness.Sample) bool) (out []harness.Sample) {
		for _, s := range all {
			if keep(s) {
				out = append(out, s)
			}
		}
		return out
	}
	for _, c := range []struct {
		name    string
		samples []harness.Sample
		want    []string
	}{
		{"nothing", nil, []string{"this run has no launches", "there is nothing to compare"}},
		{"one launch", all[1:2], []string{"one round is too few", "no launch of the direct loop can be used"}},
		{"one round", only(func(s harness.Sample) bool { return s.Round == 0 }), []string{"one round is too few", "has 1 of the 6 rounds", "unresolved"}},
		{"two rounds", only(func(s harness.Sample) bool { return s.Round < 2 }), []string{"has 2 of the 6 rounds planned: verdicts need 6 rounds", "likely"}},
		{"cut", all[:20], []string{"has 1 of the 6"}},
		{"only direct", only(func(s harness.Sample) bool { return s.Cell.Strategy == harness.Direct }), []string{"measured only the direct loop", "only the direct loop was measured"}},
		{"no direct", only(func(s harness.Sample) bool { return s.Cell.Strategy != harness.Direct }), []string{"no launch of the direct loop can be used", "Best for spin on 2 cores: pool"}},
		{"one core", only(func(s harness.Sample) bool { return s.Cell.Cores == 1 }), []string{"Best for spin on 1 core"}},
	} {
		_, md, text := write(t, c.samples)
		for _, want := range c.want {
			for name, s := range map[string]string{"report.html": md, "terminal": strings.Join(strings.Fields(text), " ")} {
				if !strings.Contains(strings.ToLower(s), strings.ToLower(want)) {
					t.Errorf("%s: %s does not say %q", c.name, name, want)
				}
			}
		}
		for _, bad := range []string{"NaN", "Inf", "%!", "-0"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: the text holds %s", c.name, bad)
			}
		}
	}
}

// TestIntervalsOfFewRounds checks that no interval is printed for a median of fewer than six
// launches.
func TestIntervalsOfFewRounds(t *testing.T) {
	for n := 1; n <= 7; n++ {
		r := analyzetest.Quick
		r.Grains, r.Cores, r.Rounds = r.Grains[:1], []int{2}, n
		_, md, _ := write(t, r.Samples())
		if some := strings.Contains(md, "ns ± "); some != (n >= 6) || strings.Contains(md, "± 100%") || strings.Contains(md, "∞") {
			t.Errorf("n = %d: intervals %v", n, some)
		}
	}
}

// TestDoubtsComeFirst checks that doubts about the whole run precede its findings.
func TestDoubtsComeFirst(t *testing.T) {
	r := analyzetest.Quick
	r.Cores, r.Grains = []int{2}, r.Grains[1:3]
	all := r.Samples()
	noisy := r.Samples()
	for _, s := range noisy {
		if s.Twin {
			s.Values[harness.UnitTask] *= 2
		}
	}
	for _, c := range []struct {
		name, first string
		samples     []harness.Sample
		every       string
	}{
		{"whole", "- Best for", all, "at every grain measured"},
		{"part", "- This run may be incomplete: it has 5 rounds and part of another", all[:len(all)-3], "at every grain in this partial run"},
		{"noisy", "- WARNING: this machine was too noisy for a margin of 2 %: two launches of the same cell differed by ", noisy, "at every grain measured"},
	} {
		_, md, _ := write(t, c.samples)
		_, said, _ := strings.Cut(md, "What this run says")
		said = strings.TrimSpace(said)
		if !strings.HasPrefix(said, c.first) || !strings.Contains(said, c.every) {
			t.Errorf("%s: the findings are\n%s", c.name, said)
		}
		if !strings.Contains(md, "- Note: This machine does not permit affinity") {
			t.Errorf("%s: the run's own note is not at the top", c.name)
		}
	}
}

// TestRowOfFewerRounds checks that a row with missing launches shows a smaller n and a note.
func TestRowOfFewerRounds(t *testing.T) {
	r := analyzetest.Quick
	r.Grains, r.Cores = r.Grains[:1], []int{2}
	var some []harness.Sample
	for _, s := range r.Samples() {
		if s.Round == 2 && s.Cell.Strategy == harness.Direct || s.Round == 4 && s.Cell.Strategy == "procs" {
			continue
		}
		some = append(some, s)
	}
	_, md, _ := write(t, some)
	for _, want := range []string{`\| serial \[\d\] .*\| 5 \|`, `\| procs \(chunk 1\) \[\d\] .*\| 4 \|`, `the makespan is the median of 6 launches \(spin`, `the makespan is the median of 5 launches \(spin`} {
		if !regexp.MustCompile(want).MatchString(md) {
			t.Errorf("nothing like %s in\n%s", want, md)
		}
	}
}
