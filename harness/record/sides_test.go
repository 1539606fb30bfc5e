package record

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// TestSides checks that ReadSides returns a comparison as it was written, also after a kill in the
// middle of a line. ResumeSides must remove the incomplete line.
func TestSides(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ab")
	type about struct{ Name string }
	r, err := CreateSides(dir, about{"x"}, harness.Machine{GOOS: "linux"}, "example.com/p")
	if err != nil {
		t.Fatal(err)
	}
	want := harness.SideSample{Name: "A/b=1-2", Round: 3, Attempt: 1, At: time.Unix(7, 5).UTC(), Reps: 9, Marks: []string{"steal", "starved"},
		Values: map[string]float64{harness.UnitOp: 12.5, harness.UnitAllocsOp: 0, "x": 3}, Wall: 70, CPU: 60}
	for _, round := range []int{3, 3, 4} { // the second is a copy
		s := want
		s.Round = round
		if err := r.Sample(harness.Head, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Sample(harness.Head, harness.SideSample{Name: "A b", Values: want.Values}); err == nil {
		t.Error("a name with a space is written")
	}
	if r.Count() != 3 {
		t.Errorf("%d samples", r.Count())
	}
	var held *HeldError
	if _, _, err := ResumeSides(dir, &about{}); !errors.As(err, &held) {
		t.Errorf("resumed while in progress: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "head", SamplesFile)
	if !IsSides(dir) || IsSides(filepath.Dir(path)) {
		t.Error("IsSides does not tell the folder of a comparison from that of a side")
	}
	whole, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(whole, "# launch round=5\nBenchmarkA/b=1-2 9 1"...), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	var got about
	s, err := ReadSides(dir, &got)
	if err != nil || got.Name != "x" || len(s.Samples[harness.Head]) != 2 || len(s.Notes) != 1 || s.Foreign != "" || !reflect.DeepEqual(s.Samples[harness.Head][0], want) {
		t.Errorf("got sides %+v, error %v", s, err)
	}
	r, s, err = ResumeSides(dir, &got)
	if err != nil || len(s.Samples[harness.Head]) != 2 || s.Foreign != "" {
		t.Fatalf("got sides %+v, error %v", s, err)
	}
	want.Round = 5
	if err := errors.Join(r.Sample(harness.Head, want), r.Close()); err != nil {
		t.Fatal(err)
	}
	if s, err = ReadSides(dir, &got); err != nil || len(s.Samples[harness.Head]) != 3 || s.Samples[harness.Head][2].Round != 5 || s.Foreign != "" {
		t.Errorf("got sides %+v, error %v", s, err)
	}
	if text, err := os.ReadFile(path); err != nil || os.WriteFile(path, bytes.Replace(text, []byte(" 12.5 ns/op"), []byte(" -12.5 ns/op"), 1), 0o666) != nil {
		t.Fatal(err)
	}
	if _, err := ReadSides(dir, &got); err == nil || !strings.HasSuffix(err.Error(), "ns/op is -12.5") {
		t.Errorf("a negative value: %v", err)
	}
	if _, err := CreateSides(dir, got, harness.Machine{}, ""); !errors.As(err, new(*ExistsError)) {
		t.Errorf("a folder in use: %v", err)
	}
}
