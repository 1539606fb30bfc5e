package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
)

// TestPythonCode checks that the screen and the report have Python code only if the run names a winner.
func TestPythonCode(t *testing.T) {
	const code = "outputs = list(the code)"
	for name, c := range map[string]struct {
		rounds int
		change func(*harness.Sample)
		named  bool
	}{
		"winner":     {8, func(*harness.Sample) {}, true},
		"few rounds": {3, func(*harness.Sample) {}, false},
		"busy":       {8, func(s *harness.Sample) { s.Marks = []string{harness.MarkStarved} }, false},
		"impossible efficiency": {8, func(s *harness.Sample) {
			if s.Cell.Workers == 2 {
				s.Values[harness.UnitTask] /= 4
			}
		}, false},
	} {
		info, samples := analyzetest.Program(started, 16, 50, c.rounds)
		info.Program, info.Inputs, info.Suites = nil, "", []string{"python"}
		info.Function = &harness.Function{Name: "work:parse", Source: "lines.txt", Count: 50}
		info.Jobs[0].Task.Workload = harness.PythonTask
		for i := range samples {
			s := &samples[i]
			s.Cell.Workload = harness.PythonTask
			if s.Cell.Strategy != harness.Direct {
				s.Cell.Strategy = "py-pool-map"
			}
			c.change(s)
		}
		a := analyze.New(info, samples, analyze.Settings{Code: func(harness.Cell) []string { return []string{code} }})
		var screen bytes.Buffer
		if err := Screen(&screen, "run", a); err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, p := range ofFunction(a, "", nil).parts {
			said = append(said, p.text, p.command)
		}
		for place, text := range map[string]string{"screen": screen.String(), "report": strings.Join(said, "\n")} {
			if strings.Contains(text, code) != c.named || strings.Contains(text, "In Python use ") != c.named {
				t.Errorf("%s: the %s is\n%s", name, place, text)
			}
		}
	}
}
