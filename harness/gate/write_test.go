package gate

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/compare"
)

func TestWrite(t *testing.T) {
	r, err := check(t, quick(6), nil, "kind = \"speed-up\"\ncells = \"strategy:pool cores:2\"\nagainst = \"strategy:serial\"\nat-least = 1.8")
	if err != nil {
		t.Fatal(err)
	}
	r.Results[0].Name = "a | b <c>"
	for name, want := range map[string][]string{
		"text": {"fails       a | b <c>: speed-up at least 1.80 ×\n  fails       spin on 2 cores, nominal 100 ns: pool (chunk 1) against serial: ", "1 gate: 1 fails\n"},
		"md":   {"**1 gate: 1 fails**", `| a \| b &lt;c> | **fails** | speed-up at least 1.80 × | spin on 2 cores, nominal 100 ns |`},
		"json": {`"verdict": "fails"`, `"at_least": 1.8`, `"against": "workload=spin`, `"low": `, `"n": 6`},
	} {
		var b strings.Builder
		if err := map[string]func() error{"text": func() error { return r.Text(&b) }, "md": func() error { return r.Markdown(&b) }, "json": func() error { return r.JSON(&b) }}[name](); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s has no %q:\n%s", name, w, b.String())
			}
		}
		if name == "json" && !json.Valid([]byte(b.String())) {
			t.Errorf("not valid JSON: %s", b.String())
		}
	}
}

// TestBaseline checks the verdicts about ratios to another run.
func TestBaseline(t *testing.T) {
	now, slower := quick(8), quick(8)
	for _, s := range slower.Samples {
		if s.Cell.Strategy == "pool" {
			s.Values[harness.UnitTask] *= 1.3
		}
	}
	part := quick(8)
	part.Samples = nil
	for _, s := range quick(8).Samples {
		if s.Cell.Strategy != "pool" || s.Cell.Grain != 1000 {
			part.Samples = append(part.Samples, s)
		}
	}
	other := quick(8)
	other.Info.Machine.CPU = "another"
	now.Info.Machine.CPU, slower.Info.Machine.CPU, part.Info.Machine.CPU = "one", "one", "one"
	others := map[string]compare.Run{"now": now, "slower": slower, "part": part, "other": other}
	const cells = "kind = \"baseline\"\nunchanged = \"all\"\ncells = \"strategy:pool chunk:1 cores:2\"\nbaseline = "
	for _, c := range []struct {
		run   compare.Run
		lines string
		want  Verdict
	}{
		{now, "\"now\"\nat-most = 1.05", Holds},
		{now, "\"now\"\nat-most = 1", Unresolved},
		{slower, "\"now\"\nat-most = 1.05", Fails},
		{slower, "\"now\"\nat-most = 1.5", Holds},
		{slower, "\"now\"\nat-least = 1.2", Holds},
		{now, "\"slower\"\nat-most = 0.9", Holds},
		{now, "\"now\"\nat-most = 0.9", Fails},
		{now, "\"part\"\nat-most = 1.05", Missing},
		{part, "\"now\"\nat-most = 1.05", Missing},
		{part, "\"now\"\nfrom = \"10us\"\nat-most = 1.05", Holds},
	} {
		r, err := check(t, c.run, others, cells+c.lines)
		if err != nil || r.Verdict() != c.want || len(r.Results[0].Evidence) == 0 {
			var b strings.Builder
			r.Text(&b)
			t.Errorf("%s: %v, %v; want %v\n%s", c.lines, r.Verdict(), err, c.want, b.String())
		}
	}
	if _, err := check(t, now, others, cells+"\"other\"\nat-most = 1.05"); err == nil || !strings.HasPrefix(err.Error(), "g.toml:6: other cannot be compared with this run: ") {
		t.Errorf("a run of another machine: %v", err)
	}
	few := quick(2)
	few.Info.Machine.CPU = "one"
	if r, err := check(t, few, others, cells+"\"now\"\nat-most = 1.5"); err != nil || r.Verdict() != Unresolved {
		t.Errorf("two rounds: %v, %v", r.Verdict(), err)
	}
}
