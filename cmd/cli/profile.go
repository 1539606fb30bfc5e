package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/profile"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/run"
	"github.com/payoff-bench/payoff/harness/suite"
)

func (p Program) profileCommand() *cobra.Command {
	var (
		ch   choice
		each time.Duration
		out  string
	)
	c := &cobra.Command{
		Use:   "profile [suite]",
		Short: "Profile the CPU time of cells over all of their processes",
		Long: `Profile launches each matching cell once with CPU profiling in all of its processes,
and merges the profiles into one file for go tool pprof. It discards the timings: a
profiled launch is not a measurement.

Samples are labelled by process (launch, w0, w1, …), strategy, workload and cell.`,
		Example: `  payoff profile quick --filter 'workload:spin grain:1000 strategy:procs'
  payoff profile smoke --filter strategy:pool --time 5s --out pool.pprof`,
		Args: atMost(1, "one suite"),
		RunE: draining(func(c *cobra.Command, names []string) error {
			if err := between("time", each, 10*time.Millisecond, suite.MaxMinTime); err != nil {
				return err
			}
			if out == "" {
				if err := os.MkdirAll(resultsDir, 0o777); err != nil {
					return misuse("folder for the profile: %w", err)
				}
				out = filepath.Join(resultsDir, record.FolderName(time.Now(), []string{"profile"})+".pprof")
			}
			if _, err := os.Lstat(out); err == nil {
				return misuse("--out: %s exists; name another file", out)
			}
			m, err := p.matrix(c, names, ch)
			if err != nil {
				return err
			}
			release, err := p.hold(c, false)
			if err != nil {
				return err
			}
			defer release()
			return m.profile(c, each, out)
		}),
	}
	ch.flags(c, p)
	f := c.Flags()
	f.DurationVar(&each, "time", time.Second, "minimum `time` to profile each cell")
	f.StringVarP(&out, "out", "o", "", "`file` for the profile, which must not exist (default: results/<time>-profile.pprof)")
	c.RegisterFlagCompletionFunc("time", cobra.NoFileCompletions)
	return c
}

// profile launches each cell with CPU profiling, and writes the merged profile to the file out. The
// argument each is the minimum time to profile a cell. For each block, it first launches the direct
// loop to find the size of the job. It profiles the direct loop only if the block has no other
// cell.
func (m matrix) profile(c *cobra.Command, each time.Duration, out string) (err error) {
	dir, err := os.MkdirTemp("", "payoff-profile-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if errors.Is(err, fs.ErrNotExist) {
		return misuse("--out: the folder %s does not exist; create it first", filepath.Dir(out))
	} else if err != nil {
		return misuse("--out: %w", err)
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			os.Remove(out)
		}
		if err != nil && c.Context().Err() != nil {
			err = fmt.Errorf("interrupted; no profile was written: %w", context.Cause(c.Context()))
		}
	}()

	l := m.programs
	l.Dir = dir
	line := newProgress(c.ErrOrStderr(), os.Getenv)
	defer line.done()
	var launches []profile.Launch
	for i, b := range m.blocks {
		line.show(time.Now(), fmt.Sprintf("payoff: profiling block %d of %d: %s", i+1, len(m.blocks), b.Task))
		most := slices.MaxFunc(b.Cells, func(a, b harness.Cell) int { return a.Workers - b.Workers }).Workers
		job, err := l.Launch(c.Context(), harness.Spec{Cell: b.Cells[0], Workers: most, Seed: m.seed, MinTime: b.MinTime})
		if err != nil {
			return &run.LaunchError{Cell: b.Cells[0], Round: -1, Err: err}
		}
		cells := b.Cells
		if len(cells) > 1 {
			cells = cells[1:]
		}
		for _, cell := range cells {
			into := filepath.Join(dir, fmt.Sprint(len(launches)))
			if err := os.Mkdir(into, 0o777); err != nil {
				return err
			}
			_, err := l.Launch(c.Context(), harness.Spec{Cell: cell, Tasks: job.Tasks, Seed: m.seed, MinTime: max(each, b.MinTime), ProfileDir: into})
			if err != nil {
				return fmt.Errorf("profile of %s: %w", cell, err)
			}
			launches = append(launches, profile.Launch{Cell: cell, Dir: into})
		}
	}
	line.done()

	sum, err := profile.Merge(file, launches)
	if err != nil {
		return err
	}
	for _, missing := range sum.Missing {
		fmt.Fprintln(c.ErrOrStderr(), "payoff: no profile:", missing)
	}
	one := profile.Launched
	if sum.Workers > 0 {
		one = profile.FirstWorker
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), `%s: %.2f s of CPU time in %s, over %.2f s of %s (this run gives no timings)

functions             go tool pprof -top %[7]s
only one process      go tool pprof -top -tagfocus process=%[6]s %[7]s
CPU time by label     go tool pprof -tags %[7]s
in a browser          go tool pprof -http : %[7]s
`, out, sum.CPU.Seconds(), format.Count(sum.Processes, "process"), sum.Wall.Seconds(), format.Count(sum.Launches, "launch"), one, format.Quoted(operand(out)))
	return err
}
