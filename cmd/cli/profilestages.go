package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/run"
	"github.com/payoff-bench/payoff/workloads"
)

// stagesKind is the kind of profile that has the stages of tasks. Package profiler does not know
// this kind, because jobs and executors stamp the stages.
const stagesKind = "stages"

// A stagedCell holds the stages of the tasks of a cell.
type stagedCell struct {
	Cell   string
	Staged *harness.Staged
}

// launchStaged launches the cell with stamps on one task of every tasks. It returns no stages for a
// direct loop or an open loop.
func (p Program) launchStaged(ctx context.Context, c *cobra.Command, l run.Launcher, cell harness.Cell, tasks int, seed uint64, least time.Duration, every int) ([]stagedCell, error) {
	switch {
	case cell.Strategy == harness.Direct:
		fmt.Fprintf(c.ErrOrStderr(), "payoff: %s: the direct loop has no stages\n", cell)
		return nil, nil
	case cell.Rate > 0:
		fmt.Fprintf(c.ErrOrStderr(), "payoff: %s: an open loop has no stages; its report has response times\n", cell)
		return nil, nil
	}
	r, err := l.Launch(ctx, harness.Spec{Cell: cell, Tasks: tasks, Seed: seed, MinTime: least, Stages: every})
	if err != nil {
		return nil, fmt.Errorf("stages of %s: %w", cell, fullDisk(err))
	}
	if r.Staged == nil {
		return nil, fmt.Errorf("stages of %s: the launch returned none; build all programs from one version of payoff", cell)
	}
	return []stagedCell{{cell.String(), r.Staged}}, nil
}

// keepStages writes the stages to a file in the folder dir, and prints a table of them.
func keepStages(w io.Writer, dir string, cells []stagedCell) error {
	if len(cells) == 0 {
		return nil
	}
	path := filepath.Join(dir, stagesKind+".json")
	return errors.Join(writeStages(path, cells), printStages(w, path, cells))
}

// writeStages writes the stages to a new file.
func writeStages(path string, cells []stagedCell) error {
	return writeNew(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "\t")
		return e.Encode(cells)
	})
}

// printStages prints the mean and the median of each stage of each cell.
func printStages(w io.Writer, path string, cells []stagedCell) error {
	every := cells[0].Staged.Every
	fmt.Fprintf(w, "\n%s: stages of one task in %d, in ns: mean (median)\n", path, every)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, c := range cells {
		name := c.Cell
		if cell, _, err := harness.ParseName("Job/" + c.Cell); err == nil {
			name = analyze.Short(cell)
		}
		fmt.Fprint(t, name, "\t")
	}
	fmt.Fprintln(t, "  stage")
	for _, name := range workloads.StageNames() {
		row, known := "", false
		for _, c := range cells {
			text := "-"
			for _, s := range c.Staged.Stages {
				if s.Name == name {
					text, known = fmt.Sprintf("%s (%s)", digits(s.Mean), digits(s.Median)), true
				}
			}
			row += text + "\t"
		}
		if known {
			fmt.Fprintln(t, row+"  "+name)
		}
	}
	for _, r := range []struct {
		name string
		of   func(*harness.Staged) string
	}{
		{"remainder: reading the clock, and gaps", func(s *harness.Staged) string {
			return fmt.Sprintf("%s (%.2f %%)", digits(s.Rest), 100*s.Rest/s.Total)
		}},
		{"submission to delivery", func(s *harness.Staged) string { return digits(s.Total) }},
		{"tasks stamped", func(s *harness.Staged) string { return strconv.Itoa(s.Tasks) }},
		{"makespan with stamps ÷ without", func(s *harness.Staged) string { return fmt.Sprintf("%.3f", s.Stamped/s.Plain) }},
	} {
		for _, c := range cells {
			fmt.Fprint(t, r.of(c.Staged), "\t")
		}
		fmt.Fprintln(t, "  "+r.name)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, c := range cells {
		if n := c.Staged.Dropped; n > 0 {
			fmt.Fprintf(w, "%s: %s left out, because their stamps were out of order\n", c.Cell, format.Count(n, "task"))
		}
	}
	_, err := fmt.Fprintf(w, "The time of reading the clock, %s, is subtracted from each stage. Take, queue, send-back, receive-back and\ndeliver are mostly waiting behind other tasks of the job, and cost no core.\n", format.Time(cells[0].Staged.Reading, 2))
	return err
}
