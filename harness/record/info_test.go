package record

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payoff-bench/payoff/harness"
)

// TestInfoThroughOtherPrograms rewrites run.json with all numbers as float64, as jq does. The
// reader must return the same numbers. If a value is changed too, the reader must add a note.
func TestInfoThroughOtherPrograms(t *testing.T) {
	want := info
	want.Seed = math.MaxUint64
	want.Jobs = []harness.Job{{Task: harness.Task{Workload: "spin"}, Tasks: 64, Work: 105.23016357421875, Digest: 1<<63 + 12345}}
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, want)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Abandon(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, InfoFile)
	rewrite := func(change func(map[string]any)) harness.Info {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		change(fields)
		if text, err = json.Marshal(fields); err == nil {
			err = os.WriteFile(file, text, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if d := cmp.Diff(want, rewrite(func(map[string]any) {})); d != "" {
		t.Errorf("rewritten without a change: %s", d)
	}
	got := rewrite(func(fields map[string]any) { fields["Commit"] = "another" })
	if !slices.ContainsFunc(got.Notes, func(note string) bool { return strings.Contains(note, "was changed after payoff wrote it") }) {
		t.Errorf("a changed commit: notes %q", got.Notes)
	}
	if got.Foreign != "run.json was changed after the run" {
		t.Error("the info does not say that it was changed")
	}
	old := rewrite(func(fields map[string]any) { // as older versions wrote it
		delete(fields, "Sum")
		delete(fields, "ID")
		delete(fields, "Written")
		fields["Seed"] = 7
	})
	if old.Seed != 7 || old.Foreign != "run.json has no identifier of the run, but samples.txt has one" {
		t.Errorf("an older file: seed %d, notes %q", old.Seed, old.Notes)
	}
}
