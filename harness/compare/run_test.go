package compare

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
)

// A drifting simulates two runs. The machine is slower in the second run, and each cell also has a
// drift of its own.
type drifting struct {
	workloads []string
	drift     float64 // of all work, as a factor
	own       float64 // standard deviation of the drift of a cell
	slower    float64 // factor of the times of the first workload; 0 means 1
	kernel    bool    // the kernel is slower, so the direct loop is too
}

func (d drifting) runs(seed uint64) (older, newer Run) {
	rng := rand.New(rand.NewPCG(seed, 99))
	for i, w := range d.workloads {
		r := analyzetest.Run{Workload: w, Grains: []int{1000, 100_000}, Cores: []int{1, 2}, Chunks: []int{1}, Orders: []string{harness.MapOrder}, Rounds: 8, Noise: 0.01,
			Costs: []analyzetest.Cost{{Name: "serial", Worker: 20}, {Name: "pool", Start: 3000, Worker: 60, Hand: 20}}}
		r.Seed = seed + uint64(2*i)
		older.Samples = append(older.Samples, r.Samples()...)
		r.Seed++
		newer.Samples = append(newer.Samples, r.Samples()...)
	}
	factors := map[harness.Cell]float64{}
	for _, s := range newer.Samples {
		f, ok := factors[s.Cell]
		if !ok {
			f = d.drift * math.Exp(d.own*rng.NormFloat64())
			if d.slower > 0 && s.Cell.Workload == d.workloads[0] && (d.kernel || s.Cell.Strategy == "pool") {
				f *= d.slower
			}
			factors[s.Cell] = f
		}
		s.Values[harness.UnitTask] *= f
		s.Values[harness.UnitControl] *= d.drift
	}
	info := harness.Info{Seed: 1, Started: time.Unix(1, 0), Finished: time.Unix(2, 0)}
	older.Info, newer.Info = info, info
	older.Info.Build, newer.Info.Build = "a", "b"
	older.Folder, newer.Folder = "old", "new"
	return older, newer
}

var manyWorkloads = []string{"spin", "primes", "json", "sha256", "gzip"}

var trials = flag.Int("trials", 10, "simulated pairs of runs for each case of TestDrift")

// TestDrift simulates pairs of runs on a machine that drifts. At most one pair in twenty may have a
// wrong verdict. A known slowdown must never have the verdict better. On a steady machine, it must
// have the verdict worse.
func TestDrift(t *testing.T) {
	for name, c := range map[string]struct {
		drifting
		unchanged string
		found     int // required number of trials, of 100, that find the slowdown
	}{
		"steady":                 {drifting: drifting{manyWorkloads, 1, 0, 0, false}},
		"drift":                  {drifting: drifting{manyWorkloads, 1.03, 0, 0, false}},
		"own drift":              {drifting: drifting{manyWorkloads, 1.03, 0.02, 0, false}},
		"faster":                 {drifting: drifting{manyWorkloads, 0.97, 0.01, 0, false}},
		"one workload":           {drifting: drifting{manyWorkloads[:1], 1.03, 0.01, 0, false}, unchanged: "all"},
		"one workload, no loop":  {drifting: drifting{manyWorkloads[:1], 1.03, 0.01, 0, false}},
		"planted":                {drifting: drifting{manyWorkloads, 1, 0, 1.1, false}, found: 95},
		"planted kernel":         {drifting: drifting{manyWorkloads, 1, 0, 1.1, true}, found: 95},
		"planted with drift":     {drifting: drifting{manyWorkloads, 1.03, 0.005, 1.1, false}},
		"planted, machine drift": {drifting: drifting{manyWorkloads, 0.95, 0.01, 1.1, true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong, found, better := 0, 0, 0
			for trial := range *trials {
				older, newer := c.runs(uint64(1000 * trial))
				o := Options{}
				if c.unchanged != "" {
					o.Unchanged = []string{c.unchanged}
				}
				table, err := Runs(older, newer, o)
				if err != nil {
					t.Fatal(err)
				}
				if len(table.Refusals)+len(table.Missing) > 0 {
					t.Fatal(table.Refusals, table.Missing)
				}
				lied, hit := false, false
				for _, r := range table.Rows {
					planted := c.slower > 0 && strings.Contains(r.Name, "workload="+c.workloads[0]+"/") && (c.kernel || strings.Contains(r.Name, "strategy=pool"))
					switch {
					case planted && r.Verdict == analyze.Worse:
						hit = true
					case planted && r.Verdict == analyze.Better:
						better++
					case !planted && (r.Verdict == analyze.Worse || r.Verdict == analyze.Better):
						lied = true
					}
				}
				if lied {
					wrong++
				}
				if hit {
					found++
				}
			}
			t.Logf("of %d, %d with a false verdict, %d found", *trials, wrong, found)
			if wrong > *trials/20 || better > 0 || 100*found < c.found**trials {
				t.Errorf("of %d, %d with a false verdict, %d found, %d called better", *trials, wrong, found, better)
			}
		})
	}
}

// two returns two small runs that are comparable.
func two() (older, newer Run) {
	return drifting{manyWorkloads[:3], 1, 0, 0, false}.runs(5)
}

func TestIdentity(t *testing.T) {
	for name, c := range map[string]struct {
		change func(a, b *Run)
		refuse string // part of a refusal
		warn   string // part of a warning
	}{
		"equal":       {func(_, _ *Run) {}, "", ""},
		"machine":     {func(_, b *Run) { b.Info.Machine.Host = "other" }, "machine – / other: measure both sides on the same machine", ""},
		"CPU":         {func(_, b *Run) { b.Info.Machine.CPU = "Z80" }, "CPU – / Z80", ""},
		"cores":       {func(_, b *Run) { b.Info.Machine.Cores = 64 }, "cores 0 / 64", ""},
		"seed":        {func(_, b *Run) { b.Info.Seed = 2 }, "seed 1 / 2: a different seed makes different tasks", ""},
		"suite":       {func(_, b *Run) { b.Info.Suites = []string{"grain"} }, "suite – / grain", ""},
		"Go":          {func(_, b *Run) { b.Info.Go = "go1.99" }, "", "Go – / go1.99"},
		"governor":    {func(a, _ *Run) { a.Info.Governor = "powersave" }, "", "CPU governor powersave / –"},
		"commit":      {func(_, b *Run) { b.Info.Commit = "abc+dirty" }, "", "commit – / abc+dirty"},
		"foreign":     {func(a, _ *Run) { a.Info.Foreign = "run.json was changed after the run" }, "old side: doubtful: run.json was changed after the run: measure again", ""},
		"copy":        {func(a, b *Run) { a.Samples[3].At = time.Unix(5, 0); b.Samples[3] = a.Samples[3] }, "", "both sides have the same 1 launch, because one run is a copy of the other"},
		"unfinished":  {func(a, _ *Run) { a.Info.Finished = time.Time{} }, "", "old side: the run is in progress"},
		"fault":       {func(_, b *Run) { b.Faults = []string{"samples.txt:7: Job/x: a copy of an earlier sample"} }, "new side: samples.txt:7: Job/x: a copy of an earlier sample", ""},
		"zero":        {func(_, b *Run) { b.Samples[3].Values[harness.UnitTask] = 0 }, "ns/task is 0 in round 0: remove the line", ""},
		"negative":    {func(_, b *Run) { b.Samples[3].Values[harness.UnitOp] = -1 }, "ns/op is -1 in round 0", ""},
		"environment": {func(_, b *Run) { b.Info.Environment = map[string]string{"HOME": "x"} }, "", "environment variables differ: HOME"},
		"digest": {func(a, b *Run) {
			a.Info.Jobs, b.Info.Jobs = []harness.Job{{Task: harness.Task{Workload: "spin"}, Digest: 1}}, []harness.Job{{Task: harness.Task{Workload: "spin"}, Digest: 2}}
		}, "spin/grain=0/payload=0: digest 0000000000000001 / 0000000000000002", ""},
		"other seed, other digest": {func(a, b *Run) {
			a.Info.Jobs, b.Info.Jobs = []harness.Job{{Digest: 1}}, []harness.Job{{Digest: 2}}
			b.Info.Seed = 2
		}, "seed", ""},
		"plan":         {func(_, b *Run) { b.Info.Plan = "other" }, "", "plan  / other"},
		"other plan":   {func(_, b *Run) { b.Info.Plan = "other"; drop(b, "json") }, "plan  / other: the suites have different cells", ""},
		"contaminated": {func(_, b *Run) { b.Samples[0].Marks = []string{harness.MarkSteal} }, "", "new side: of 288 launches, 1 were contaminated by other work and 0 were starved"},
		"sizes": {func(_, b *Run) {
			for _, s := range b.Samples {
				s.Values[harness.UnitTasks] = 7
			}
		}, "", "have different numbers of tasks"},
	} {
		t.Run(name, func(t *testing.T) {
			older, newer := two()
			c.change(&older, &newer)
			for _, anyway := range []bool{false, true} {
				table, err := Runs(older, newer, Options{Anyway: anyway})
				if err != nil {
					t.Fatal(err)
				}
				refused := table.Exit(false) == Refused
				if refused != (c.refuse != "" && !anyway) || c.refuse != "" && !anyway && !strings.Contains(strings.Join(table.Refusals, "\n"), c.refuse) {
					t.Errorf("anyway %t: refusals %q, want %q", anyway, table.Refusals, c.refuse)
				}
				if c.refuse == "" && c.warn == "" && len(table.Warnings) > 0 || !strings.Contains(strings.Join(table.Warnings, "\n"), c.warn) {
					t.Errorf("warnings %q, want %q", table.Warnings, c.warn)
				}
			}
		})
	}
}

// drop removes the samples of a workload.
func drop(r *Run, workload string) {
	r.Samples = slices.DeleteFunc(r.Samples, func(s harness.Sample) bool { return s.Cell.Workload == workload })
}

func TestMissing(t *testing.T) {
	older, newer := two()
	for i := range newer.Samples {
		s := &newer.Samples[i]
		switch {
		case s.Cell.Workload == "primes" && s.Cell.Strategy == "pool":
			s.Cell.Strategy = "crew"
		case s.Cell.Workload == "json" && s.Cell.Strategy == "serial":
			delete(s.Values, harness.UnitTask)
		case s.Cell.Workload == "spin" && s.Cell.Strategy == "serial": // unresolved, not missing
			s.Marks = []string{harness.MarkStarved}
		}
	}
	newer.Info.Absent = map[string]string{harness.UnitTask: "no clock"}
	table, err := Runs(older, newer, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := Write(&text, table, "text"); err != nil {
		t.Fatal(err)
	}
	if table.Exit(false) != Open || len(table.Missing) != 4+4+4 {
		t.Errorf("%v: %d missing", table.Exit(false), len(table.Missing))
	}
	for _, want := range []string{"strategy=pool/chunk=1/order=map/window=0/workers=1/cores=1: not in new; the new side has strategy=crew instead", "not in old; the old side has strategy=pool instead", "ns/task: not in new; no clock", "new side: the machine was busy"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	if table, err = Runs(older, newer, Options{Anyway: true}); err != nil || table.Exit(false) == Open {
		t.Errorf("accepted missing cells: %v, %v", table.Exit(false), err)
	}
}

func TestUnits(t *testing.T) {
	older, newer := two()
	for _, r := range []*Run{&older, &newer} {
		for _, s := range r.Samples {
			s.Values["hits/s"] = 1e9 / s.Values[harness.UnitTask]
		}
		r.Better = map[string]string{"hits/s": "higher"}
	}
	for _, s := range newer.Samples {
		if s.Cell.Strategy == "pool" {
			s.Values["hits/s"] *= 0.7
		}
	}
	for _, unit := range []string{"hits/s", "sec/task"} {
		table, err := Runs(older, newer, Options{Units: []string{unit}})
		if err != nil {
			t.Fatal(err)
		}
		if want := map[string]Outcome{"hits/s": Worse, "sec/task": Passed}[unit]; table.Exit(false) != want || table.gates() != len(table.Rows) {
			t.Errorf("%s: %v, want %v", unit, table.Exit(false), want)
		}
	}
	if _, err := Runs(older, newer, Options{Units: []string{"hots/s"}}); err == nil || !strings.Contains(err.Error(), "did you mean hits/s?") {
		t.Errorf("unknown unit: %v", err)
	}
	if _, err := Runs(older, newer, Options{Unchanged: []string{"spin", "jsen"}}); err == nil || !strings.Contains(err.Error(), "did you mean json?") {
		t.Errorf("unknown workload: %v", err)
	}
	table, err := Runs(older, newer, Options{All: true})
	if err != nil {
		t.Fatal(err)
	}
	if table.gates() != table.Count(analyze.Unresolved)+table.Count(analyze.Equivalent) || len(table.Rows) < 2*table.gates() {
		t.Errorf("%d rows, %d decide", len(table.Rows), table.gates())
	}
	newer.Better = map[string]string{"hits/s": "lower"}
	if _, err := Runs(older, newer, Options{}); err == nil {
		t.Error("Runs returned no error for sides with different directions of a unit")
	}
	newer.Samples = nil
	if _, err := Runs(older, newer, Options{}); err == nil || !strings.Contains(err.Error(), "the new side, new, has no samples") {
		t.Errorf("empty side: %v", err)
	}
}

func TestArrange(t *testing.T) {
	older, newer := two()
	for _, c := range []struct{ row, col, want string }{
		{"", "", "all: Job/payload=0"},
		{"/grain@num,/workload", "/strategy", "/strategy:direct"},
		{"/workload", "", "ns/task: Job/grain=1000/payload=0/strategy=direct"},
	} {
		table, err := Runs(older, newer, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := table.Arrange(c.row, c.col); err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{"text", "md"} {
			var b strings.Builder
			if err := Write(&b, table, form); err != nil {
				t.Fatal(err)
			}
			if want := strings.ReplaceAll(c.want, "~", " "); !strings.Contains(b.String(), want) {
				t.Errorf("%s by %q and %q has no %q:\n%s", form, c.row, c.col, want, b.String())
			}
			if n := strings.Count(b.String(), " (0.") + strings.Count(b.String(), " (1."); n != len(table.Rows) {
				t.Errorf("%s by %q and %q shows %d ratios of %d", form, c.row, c.col, n, len(table.Rows))
			}
		}
	}
	table := &Table{Rows: []Row{{Name: "A/x=1"}}}
	if err := table.Arrange("/y", ""); err == nil || !strings.Contains(fmt.Sprint(err), "/x") {
		t.Errorf("an unknown key: %v", err)
	}
}
