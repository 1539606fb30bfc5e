package chart

import (
	"bytes"
	"strings"
	"testing"
)

// TestPredicted checks that the chart of predictions has the cells with the largest errors, and says
// how many cells it leaves out and how many bands hold the measurement.
func TestPredicted(t *testing.T) {
	all, err := runs()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range All(all["reference"]) {
		if c.Name != "predicted" {
			continue
		}
		var b bytes.Buffer
		if err := c.SVG(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"spin, 4.1 µs", "spin, 4.2 µs", "spin, 300 ns"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("the chart lacks the row %q", want)
			}
		}
		if strings.Contains(b.String(), "spin, 100 ns") {
			t.Error("the chart has the cell with the smallest error")
		}
		if want := "42 cells of the run. The cost model of each prediction was fitted without the cells of the same task and number of cores. Whiskers are the 95 % band of the prediction; it holds 40 of the measured makespans. The 2 cells with the smallest errors are left out."; !strings.Contains(c.Caption, want) {
			t.Errorf("caption %q lacks %q", c.Caption, want)
		}
		return
	}
	t.Error("the run has no chart of predictions")
}
