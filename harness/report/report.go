// Package report says what a run found: report.md with its charts, and a text for the
// terminal. Every number and sentence is taken from the analysis of the run's samples.
package report

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/chart"
)

// File is the name of the report in the folder of a run.
const File = "report.md"

// Write writes report.md and the charts, as SVG and PNG, into the folder. Any part of a
// run's samples will do, none too: the report says what is missing. Waits tells of a
// workload whether its tasks mostly wait; nil for none.
func Write(dir string, info harness.Info, samples []harness.Sample, waits func(workload string) bool) error {
	a := analyze.New(info, samples, analyze.Settings{Waits: waits})
	charts := chart.All(a)
	for _, c := range charts {
		if err := draw(dir, c.Name+".svg", c.SVG); err != nil {
			return err
		}
		if err := draw(dir, c.Name+".png", c.PNG); err != nil {
			return err
		}
	}
	return draw(dir, File, func(w io.Writer) error { return markdown(w, newPage(a), charts) })
}

// draw writes a file at once, so that a failure leaves no half of it.
func draw(dir, name string, write func(io.Writer) error) error {
	var buf bytes.Buffer
	if err := write(&buf); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return os.WriteFile(filepath.Join(dir, name), buf.Bytes(), 0o666)
}

// Terminal writes the report as text of at most 120 columns, without the charts and with
// the sentences for the largest number of cores alone.
func Terminal(w io.Writer, info harness.Info, samples []harness.Sample, waits func(workload string) bool) error {
	return terminal(w, newPage(analyze.New(info, samples, analyze.Settings{Waits: waits})))
}
