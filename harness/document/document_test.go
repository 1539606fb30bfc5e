package document_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/harness/document"
)

// members returns the names of the JSON members of a struct type, with a ? after names of members
// that may be absent. It adds the struct types of the fields to types.
func members(t reflect.Type, types map[string]reflect.Type) (names []string) {
	for f := range t.Fields() {
		of := f.Type
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() == reflect.Struct && of.PkgPath() == t.PkgPath() && of.Name() != "Cell" {
			types[of.Name()] = of
		}
		if f.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if options == "omitempty" {
			name += "?"
		}
		names = append(names, name)
	}
	return names
}

// TestSchema checks that SCHEMA.md lists exactly the members of each type.
func TestSchema(t *testing.T) {
	text, err := os.ReadFile("SCHEMA.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "`"+document.Schema+"`") {
		t.Errorf("SCHEMA.md does not name %s", document.Schema)
	}
	if !strings.Contains(string(text), "`"+document.BenchmarksSchema+"`") {
		t.Errorf("SCHEMA.md does not name %s", document.BenchmarksSchema)
	}
	described := map[string][]string{}
	row := regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)`(\\??) \\| \\S")
	for _, part := range strings.Split(string(text), "\n## ")[1:] {
		head, body, _ := strings.Cut(part, "\n")
		described[head] = []string{}
		for _, m := range row.FindAllStringSubmatch(body, -1) {
			described[head] = append(described[head], m[1]+m[2])
		}
	}
	delete(described, "Cell")
	declared := map[string][]string{}
	types := map[string]reflect.Type{"Document": reflect.TypeFor[document.Document](), "Benchmarks": reflect.TypeFor[document.Benchmarks]()}
	for len(types) > 0 {
		for name, of := range types {
			delete(types, name)
			if declared[name] == nil {
				declared[name] = members(of, types)
			}
		}
	}
	if d := cmp.Diff(declared, described); d != "" {
		t.Errorf("types and SCHEMA.md differ (-types +SCHEMA.md):\n%s", d)
	}
}

func analysis(samples []harness.Sample) *analyze.Analysis {
	info := harness.Info{
		Machine: harness.Machine{Host: "host", CPU: "AMD EPYC", Cores: 2}, Suites: []string{"quick"}, Rounds: 6,
		Started: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
	}
	return analyze.New(info, samples, analyze.Settings{Waits: func(w string) bool { return w == "sleep" }})
}

// everything returns samples that yield every kind of result except lineups and latencies.
func everything() []harness.Sample {
	r := analyzetest.Quick
	all := r.Samples()
	r.Workload, r.Grains = "sleep", []int{1_000_000}
	waiting := r.Samples()
	for _, s := range slices.Clone(waiting) {
		if s.Cell.Strategy == "pool" && s.Cell.Chunk == "1" {
			s.Cell.Workers = 8
			waiting = append(waiting, s)
		}
	}
	return slices.Concat(all, waiting, analyzetest.Bathtub.Samples(), analyzetest.Orders(6, 0.003), analyzetest.Isolations(6, 0.003))
}

func encoded(t interface{ Fatal(...any) }, samples []harness.Sample) []byte {
	var out bytes.Buffer
	if err := document.Write(&out, analysis(samples)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestDocumentOfAnything checks that missing and absurd launches yield a valid document, whose
// numbers have units and whole intervals.
func TestDocumentOfAnything(t *testing.T) {
	all := everything()
	rapid.Check(t, func(t *rapid.T) {
		var some []harness.Sample
		for range rapid.IntRange(0, 100).Draw(t, "launches") {
			s := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
			if rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
				s.Values = map[string]float64{harness.UnitTask: rapid.Float64().Draw(t, "ns")}
			}
			some = append(some, s)
		}
		var d document.Document
		if err := json.Unmarshal(encoded(t, some), &d); err != nil {
			t.Fatal(err)
		}
		walk(reflect.ValueOf(d), func(n document.Number) {
			if n.Unit == "" || n.Low != nil && n.High == nil || n.N < 0 {
				t.Fatalf("%+v", n)
			}
		})
	})
}

// walk calls f for all numbers in v.
func walk(v reflect.Value, f func(document.Number)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), f)
		}
	case reflect.Struct:
		if n, ok := v.Interface().(document.Number); ok {
			f(n)
			return
		}
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for _, field := range v.Fields() {
			walk(field, f)
		}
	}
}

// estimates calls f for each known estimate in v, with the path of fields that leads to it. The
// parameter path leads to v.
func estimates(v reflect.Value, path string, f func(path string, e analyze.Estimate)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			estimates(v.Elem(), path, f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			estimates(v.Index(i), path, f)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[analyze.Estimate]() {
			if e := v.Interface().(analyze.Estimate); e.Known() {
				f(path, e)
			}
			return
		}
		if c, ok := v.Interface().(analyze.Change); ok {
			if c.Known() {
				f(path, analyze.Estimate(c))
			}
			return
		}
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				estimates(v.Field(i), path+"."+field.Name, f)
			}
		}
	}
}

// TestDocumentHasEveryEstimate checks that the document has each estimate of the analysis and of
// its advice. It finds estimates by reflection, so that it covers new fields, too.
func TestDocumentHasEveryEstimate(t *testing.T) {
	samples := everything()
	for _, s := range samples {
		for i, u := range harness.Units() { // each unit has values of its own
			if _, ok := s.Values[u.Name]; !ok && u.Name != harness.UnitTaken {
				s.Values[u.Name] = s.Values[harness.UnitTask] * float64(10+i) / 17
			}
		}
	}
	a := analysis(samples)
	type number struct {
		value, low float64
		n          int
	}
	has := map[number]bool{}
	walk(reflect.ValueOf(document.New(a)), func(n document.Number) {
		x := number{value: n.Value, n: n.N}
		if n.Low != nil {
			x.low = *n.Low
		}
		has[x] = true
	})
	missing := map[string]bool{}
	found := 0
	check := func(path string, e analyze.Estimate) {
		x := number{value: e.Value, n: e.N}
		if e.N > 1 && !math.IsInf(e.Hi, 1) { // a change has no lower end either
			x.low = e.Lo
		}
		if found++; !has[x] {
			missing[path] = true
		}
	}
	estimates(reflect.ValueOf(a), "Analysis", check)
	estimates(reflect.ValueOf(a.Advice()), "Advice", check)
	if len(missing) > 0 || found < 1000 {
		t.Errorf("of %d estimates the document lacks those in %v", found, slices.Sorted(maps.Keys(missing)))
	}
}

// TestDocumentHoldsTheAnalysis writes a document, reads it, and checks that it has the numbers of
// the analysis.
func TestDocumentHoldsTheAnalysis(t *testing.T) {
	samples := everything()
	a := analysis(samples)
	var d document.Document
	if err := json.Unmarshal(encoded(t, samples), &d); err != nil {
		t.Fatal(err)
	}
	if d.Schema != document.Schema || d.Run.Launches != a.Launches || len(d.Sections) != len(a.Sections) || len(d.Advice) != len(a.Advice()) {
		t.Fatalf("%+v", d.Run)
	}
	same := func(what string, n *document.Number, e analyze.Estimate) {
		t.Helper()
		switch {
		case n == nil && !e.Known():
		case n == nil || !e.Known() || n.Value != e.Value || n.N != e.N:
			t.Errorf("%s: %+v, not %v", what, n, e)
		case (n.Low != nil) != (e.N > 1 && !math.IsInf(e.Hi, 1)) || n.Low != nil && (*n.Low != e.Lo || *n.High != e.Hi):
			t.Errorf("%s: %+v, not %v", what, n, e)
		}
	}
	for i, s := range a.Sections {
		for k, q := range s.Questions {
			got := d.Sections[i].Questions[k]
			same("work", got.Work, q.Work)
			for j, r := range q.Rows {
				if got := got.Rows[j]; harness.Cell(got.Cell) != r.Cell {
					t.Errorf("%v, not %v", got.Cell, r.Cell)
				}
				same("makespan", got.Rows[j].Makespan, r.Makespan)
				same("speed-up", got.Rows[j].Speedup, r.Speedup)
				same("efficiency", got.Rows[j].Efficiency, r.Efficiency)
			}
			for _, p := range got.Pairs {
				c := q.Versus(harness.Cell(p.A), harness.Cell(p.B))
				same("ratio", p.Ratio, c.Ratio)
				if p.Verdict != c.Verdict.String() {
					t.Errorf("%s, not %s", p.Verdict, c.Verdict)
				}
			}
		}
		for k, c := range s.Curves {
			same("METG", d.Sections[i].Curves[k].METG.At, c.METG.At)
		}
		for k, c := range s.Crossovers {
			same("crossing", d.Sections[i].Crossovers[k].At, c.At)
		}
	}
	for i, x := range a.Advice() {
		if len(d.Advice[i].Use) != len(x.Use) || d.Advice[i].Certainty != x.Sure.String() {
			t.Errorf("%+v, not %+v", d.Advice[i], x)
		}
		same("gain", d.Advice[i].Loop.Least, x.Loop.Least)
	}
	if d.Chunkings == nil || d.Orderings == nil || d.Isolations == nil || d.Holdings == nil || d.Concurrencies == nil || d.Claims == nil {
		t.Error("the document lacks a kind of result")
	}
}
