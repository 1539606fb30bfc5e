package harness

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// planted lists texts that a redacted report must not contain.
var planted = []string{"build-17.acme.example", "acme", "/home/alice/secret", "alice", "secret", "--token=xyzzy", "xyzzy", `C:\Users\Alice`}

// plant sets every string in v to a planted text, and adds one to every slice and map of strings.
func plant(v reflect.Value) {
	text := strings.Join(planted, " ")
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)))
			return
		}
		for _, field := range v.Fields() {
			plant(field)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), len(planted)+1, len(planted)+1))
		for i := range v.Len() {
			plant(v.Index(i))
			if v.Type().Elem().Kind() == reflect.String && i > 0 {
				v.Index(i).SetString(planted[i-1])
			}
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		one := reflect.New(v.Type().Elem()).Elem()
		plant(one)
		v.SetMapIndex(reflect.ValueOf(text), one)
		v.SetMapIndex(reflect.ValueOf(UnitLatency), one)
	}
}

// TestRedactedRemovesWhatWasPlanted checks that no text planted in any field remains, including
// fields that do not exist yet.
func TestRedactedRemovesWhatWasPlanted(t *testing.T) {
	var i Info
	plant(reflect.ValueOf(&i).Elem())
	for name, host := range map[string]string{"whole": i.Machine.Host, "host": planted[0], "path": planted[2]} {
		i.Machine.Host = host
		text, err := json.Marshal(i.Redacted())
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range planted {
			if strings.Contains(strings.ToLower(string(text)), strings.ToLower(word)) {
				t.Errorf("%s: %q is in %s", name, word, text)
			}
		}
	}
}

// TestRedactedKeeps checks which fields are empty in a redacted info. It fails if redaction empties
// a new field.
func TestRedactedKeeps(t *testing.T) {
	i := Info{
		Machine: Machine{Host: "vm7", CPU: "Xeon", GOOS: "linux", GOARCH: "amd64", Kernel: "6.1", Cores: 2, Memory: 1, Virtual: "kvm"},
		Version: "v1.0.0", Commit: "7de9d48e46a0", Go: "go1.26.8", Plan: "20 blocks with 72 cells, 497020452a1fd9c8",
		Absent: map[string]string{UnitLatency: "nothing was ready"}, Limits: Limits{Cores: "0-3"},
	}
	fill(reflect.ValueOf(&i).Elem())
	var lost []string
	for f, v := range reflect.ValueOf(i.Redacted()).Fields() {
		if v.IsZero() {
			lost = append(lost, f.Name)
		}
	}
	want := []string{"Files", "Counts", "Build", "Jobs", "Program", "Inputs", "Rules", "Function", "Search", "Folder", "Python", "Content", "Environment"}
	if d := cmp.Diff(want, lost); d != "" {
		t.Error(d)
	}
}

// fill sets the fields of v that are zero to other values.
func fill(v reflect.Value) {
	switch {
	case !v.IsZero():
	case v.Kind() == reflect.Struct && v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)))
	case v.Kind() == reflect.String:
		v.SetString("word")
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(1)
	case v.CanUint():
		v.SetUint(1)
	case v.CanFloat():
		v.SetFloat(1)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		one := reflect.New(v.Type().Elem()).Elem()
		fill(one)
		v.SetMapIndex(reflect.ValueOf("word"), one)
	}
	if v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() {
		for _, field := range v.Fields() {
			fill(field)
		}
	}
}

func TestRedactedText(t *testing.T) {
	i := Info{
		Machine: Machine{Host: "vm7", CPU: "Intel(R) Xeon(R) CPU @ 2.20GHz", Kernel: "6.18.44-fc-v669", Virtual: "kvm", Speeds: "capacity 1024 for cores 0-1, capacity 446 for core 2"},
		Suites:  []string{"quick", "mine"}, Files: []string{"quick", "/home/alice/mine.toml"}, Filter: "strategy:pool",
		Version: "v0.1.0-pre+acme", Go: "go1.26.8-acme", Commit: "7de9d48e46a0", Plan: "20 blocks with 72 cells, 497020452a1fd9c8",
		Program: []string{"/opt/acme/convert", "--customer", "wayne"},
		Notes: []string{
			"launch of workload=spin/grain=1000/payload=0/strategy=pool/chunk=1/order=map/window=0/workers=2/cores=2 in round 1: exit status 1: wayne is bankrupt",
			"Files are in the folder results/20261122-120146-quick, on ext4. A task reads what it has just written",
			"a program said \"the king is dead\" on vm7",
			"the budget of 2m45s ended the run in round 3 of 60, after 1,204 launches",
			"open, but 276 rounds in total may answer them: workload=spin/grain=100/payload=0 on 2 cores (procs (chunk 1) against pool (chunk 1) ± 11.1 %)",
			"resumed at 2026-11-22T12:01:46Z after 12 launches",
			"convert wayne",
			"launch of workload=spin/grain=1000/payload=0/strategy=pool/chunk=1/order=map/window=0/workers=2/cores=2 in round 2: exit status 1: cannot open\nthe customer is broke",
		},
	}
	want := Info{
		Machine: Machine{CPU: "Intel(R) Xeon(R) CPU @ 2.20GHz", Kernel: "6.18.44", Virtual: "kvm", Speeds: "capacity 1024 for cores 0-1, capacity 446 for core 2"},
		Suites:  []string{"quick", Removed}, Filter: Removed,
		Version: "v0.1.0", Go: "go1.26.8", Commit: "7de9d48e46a0", Plan: "20 blocks with 72 cells, 497020452a1fd9c8",
		Notes: []string{
			"launch of workload=spin/grain=1000/payload=0/strategy=pool/chunk=1/order=map/window=0/workers=2/cores=2 in round 1: [removed]",
			"Files are in the folder [removed], on ext4. A task reads what it has just written",
			"a program said [removed] on [removed]",
			"the budget of 2m45s ended the run in round 3 of 60, after 1,204 launches",
			"open, but 276 rounds in total may answer them: workload=spin/grain=100/payload=0 on 2 cores (procs (chunk 1) against pool (chunk 1) ± 11.1 %)",
			"resumed at 2026-11-22T12:01:46Z after 12 launches",
			"[removed]",
			"launch of workload=spin/grain=1000/payload=0/strategy=pool/chunk=1/order=map/window=0/workers=2/cores=2 in round 2: [removed]",
		},
	}
	if d := cmp.Diff(want, i.Redacted()); d != "" {
		t.Error(d)
	}
}
