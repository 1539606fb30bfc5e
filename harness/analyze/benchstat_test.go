package analyze_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// TestAgreesWithBenchstat checks that makespans and n equal those that benchstat prints.
func TestAgreesWithBenchstat(t *testing.T) {
	m := quick
	m.Cores = []int{2}
	samples := m.Samples()
	var text strings.Builder
	text.WriteString("goos: linux\ngoarch: amd64\nUnit ns/task better=lower\n")
	for _, s := range samples {
		if !s.Twin {
			fmt.Fprintf(&text, "Benchmark%s-%d %d %v ns/task\n", s.Cell.Name(), s.Cell.Cores, s.Reps, s.Values[harness.UnitTask])
		}
	}
	file := filepath.Join(t.TempDir(), "samples.txt")
	if err := os.WriteFile(file, []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "tool", "benchstat", "-format", "csv", "-row", ".fullname", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(strings.NewReader(string(out)))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string]float64{}
	for _, row := range rows {
		if c, _, err := harness.ParseName(row[0]); err == nil {
			v, err := strconv.ParseFloat(row[1], 64)
			if err != nil {
				t.Fatalf("row %q: %v", row, err)
			}
			theirs[c.Name()] = v
		}
	}
	a := analyze.New(harness.Info{}, samples, analyze.Settings{})
	compared := 0
	for _, q := range a.Questions() {
		for _, r := range q.Rows {
			if got, want := r.Makespan.Value*1e-9, theirs[r.Cell.Name()]; math.Abs(got/want-1) > 1e-9 || r.Makespan.N != m.Rounds {
				t.Errorf("%v: %v (n = %d), benchstat %v", r.Cell, got, r.Makespan.N, want)
			}
			compared++
		}
	}
	if compared != len(theirs) || compared == 0 {
		t.Errorf("%d cells here, %d in benchstat's table", compared, len(theirs))
	}
}
