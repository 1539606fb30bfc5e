package compare

import (
	"math"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// values returns n values around v that vary by ±1 %.
func values(v float64, n int) (all []float64) {
	for i := range n {
		all = append(all, v*math.Exp(0.01*math.Sin(float64(i))))
	}
	return all
}

func TestRows(t *testing.T) {
	zeros, ones := make([]float64, 8), []float64{1, 1, 1, 1, 1, 1, 1, 1}
	family := []Series{
		{Name: "Slower", Unit: "ns/op", Better: "lower", Gate: true, Old: values(100, 8), New: values(120, 8)},
		{Name: "Faster", Unit: "ns/op", Better: "lower", Gate: true, Old: values(100, 8), New: values(80, 8)},
		{Name: "Same", Unit: "ns/op", Better: "lower", Gate: true, Old: values(100, 8), New: values(100, 8)},
		{Name: "Rate", Unit: "MB/s", Better: "higher", Old: values(100, 8), New: values(120, 8)},
		{Name: "Size", Unit: "items", Old: values(100, 8), New: values(120, 8)},
		{Name: "Few", Unit: "ns/op", Better: "lower", Gate: true, Old: values(100, 4), New: values(200, 4)},
		{Name: "Free", Unit: "allocs/op", Better: "lower", Old: zeros, New: zeros},
		{Name: "Grown", Unit: "allocs/op", Better: "lower", Old: zeros, New: ones},
		{Name: "Zero", Unit: "ns/op", Better: "lower", Gate: true, Old: values(100, 8), New: append([]float64{0}, values(100, 7)...)},
		{Name: "Odd", Unit: "ns/op", Better: "lower", Gate: true, Old: values(100, 8), New: append([]float64{math.NaN()}, values(100, 7)...)},
	}
	want := []string{"worse", "better", "equivalent", "better", "higher", "likely worse", "equivalent", "worse", "unresolved", "unresolved"}
	for i, r := range Unpaired(family[:3], analyze.Settings{}) {
		if r.Verdict != analyze.Unresolved {
			t.Errorf("%s is %s without a known drift", family[i].Name, r.Words())
		}
	}
	for i := range family {
		family[i].Drift = analyze.Drift{N: 100}
	}
	for name, got := range map[string][]Row{"paired": Paired(family, analyze.Settings{}, false), "unpaired": Unpaired(family, analyze.Settings{})} {
		for i, r := range got {
			if r.Words() != want[i] {
				t.Errorf("%s: %s is %s with ratio %v and doubts %q, want %s", name, r.Name, r.Words(), r.Ratio, r.Doubts, want[i])
			}
		}
		table := Table{Rows: got}
		if out := table.Exit(false); out != Worse {
			t.Errorf("%s: outcome %v, want worse", name, out)
		}
	}
}

func TestVerdictMustHoldWithoutDisturbedLaunches(t *testing.T) {
	s := Series{Name: "Disturbed", Unit: "ns/op", Better: "lower", Gate: true, Old: values(100, 14), New: values(100, 14), Drift: analyze.Drift{N: 100}}
	s.OldMarked, s.NewMarked = make([]bool, 14), make([]bool, 14)
	for i := range 8 {
		s.New[i] *= 1.3
		s.NewMarked[i] = true
	}
	r := Unpaired([]Series{s}, analyze.Settings{})[0]
	if r.Verdict != analyze.Unresolved || len(r.Doubts) != 1 || r.Without == nil {
		t.Errorf("%s, doubts %q", r.Words(), r.Doubts)
	}
	s.NewMarked = nil
	if r := Unpaired([]Series{s}, analyze.Settings{})[0]; r.Verdict != analyze.Worse {
		t.Errorf("%s without marks, want worse", r.Words())
	}
}

func TestExit(t *testing.T) {
	row := func(v analyze.Verdict) Row {
		return Row{Gate: true, Better: "lower", Comparison: analyze.Comparison{Verdict: v}}
	}
	for _, c := range []struct {
		table  Table
		strict bool
		want   Outcome
	}{
		{Table{}, false, Refused},
		{Table{Rows: []Row{row(analyze.Equivalent)}, Refusals: []string{"other machine"}}, false, Refused},
		{Table{Rows: []Row{row(analyze.Equivalent), row(analyze.Better)}}, true, Passed},
		{Table{Rows: []Row{row(analyze.Unresolved)}}, false, Passed},
		{Table{Rows: []Row{row(analyze.Unresolved)}}, true, Open},
		{Table{Rows: []Row{row(analyze.Worse), row(analyze.Unresolved)}, Missing: []Missing{{Name: "A"}}}, true, Worse},
		{Table{Rows: []Row{row(analyze.Equivalent)}, Missing: []Missing{{Name: "A"}}}, false, Open},
		{Table{Rows: []Row{row(analyze.Equivalent)}, Missing: []Missing{{Name: "A"}}, Partial: true}, true, Passed},
		{Table{Rows: []Row{{Better: "lower"}}}, false, Open},
		{Table{Rows: []Row{{Gate: true, Comparison: analyze.Comparison{Verdict: analyze.Worse}}}}, false, Open},
	} {
		if got := c.table.Exit(c.strict); got != c.want {
			t.Errorf("%+v, strict %t: %v, want %v", c.table, c.strict, got, c.want)
		}
	}
}

func TestWrite(t *testing.T) {
	table := &Table{Title: "compare", Old: Side{"old", "a"}, New: Side{"new", "b"}, Missing: []Missing{{"Gone", "", "new", "renamed?"}}, Warnings: []string{"Go differs"},
		Rows: Unpaired([]Series{
			{Name: "Job/x=1", Unit: "ns/op", Better: "lower", Gate: true, Old: values(100, 8), New: values(120, 8), Drift: analyze.Drift{N: 100}},
			{Name: "Job/x=1", Unit: "MB/s", Better: "higher", Old: values(100, 8), New: values(90, 8), Drift: analyze.Drift{N: 100}},
		}, analyze.Settings{})}
	for form, want := range map[string][]string{
		"text":    {"warning: Go differs", "1 worse of 1, 1 missing", "Job/x=1", "1.20 (", "Gone: not in new; renamed?"},
		"md":      {"- **warning**: Go differs", "| Job/x=1 | ns/op |", "| --- |"},
		"csv":     {"name,unit,better,old,new,ratio", "Job/x=1,ns/op,lower,", "missing in new"},
		"json":    {`"verdict": "worse"`, `"x": "1"`, `"missing_in": "new"`, `"outcome": "worse"`},
		"smaller": {`"unit": "ns/op"`, `"range": "± `},
		"bigger":  {`"unit": "MB/s"`, `"extra": "worse, new/old`},
	} {
		var b strings.Builder
		if err := Write(&b, table, form); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s has no %q:\n%s", form, w, b.String())
			}
		}
	}
	if err := Write(&strings.Builder{}, table, "xml"); err == nil {
		t.Error("Write returned no error for the format xml")
	}
}
