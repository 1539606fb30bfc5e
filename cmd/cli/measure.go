package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/workloads"
)

// measure makes the run's folder, carries out the plan into it, and reports what came of
// it, however it ended.
func (p Program) measure(c *cobra.Command, m matrix, info harness.Info, out string) error {
	info.Machine, info.Notes = probe.Machine()
	info.Go = runtime.Version()
	info.Started = time.Now()
	for _, s := range m.suites {
		info.Suites = append(info.Suites, s.Name)
	}
	if err := harness.Pinning(); err != nil {
		info.Notes = append(info.Notes, err.Error())
	} else {
		info.Pinned = true
	}
	if out == "" {
		var err error
		if out, err = newFolder(resultsDir, record.FolderName(info.Started, info.Suites)); err != nil {
			return misuse("folder for the run: %w", err)
		}
	}
	if p.onDisk(m.blocks) {
		if kind, err := probe.Filesystem(filepath.Dir(out)); err == nil {
			info.Notes = append(info.Notes, fmt.Sprintf("files lie in %s, on %s; what a task reads it has just written, so reads are warm", out, kind))
		}
	}
	rec, err := record.Create(out, info)
	if err != nil {
		return misuse("--out: %w", err)
	}
	line := newProgress(c.ErrOrStderr(), os.Getenv)
	r := harness.Runner{
		Command: m.command, Worker: m.worker, Program: m.program, Inputs: m.inputs, Dir: out, Budget: info.Budget,
		Sink: &firstSample{rec, func() {
			if filepath.Dir(out) != resultsDir {
				return
			}
			if err := record.Link(resultsDir, out); err != nil {
				line.done()
				fmt.Fprintln(c.ErrOrStderr(), "payoff: results/latest:", err)
			}
		}},
		Progress: func(pr harness.Progress) { line.show(time.Now(), progressLine(m.names(), pr)) },
	}
	tally, err := r.Run(c.Context(), harness.Plan{Blocks: m.blocks, Seed: m.seed, Rounds: info.Rounds})
	line.done()
	if tally.Launches > 0 || err == nil { // else the error says it
		for _, note := range tally.Notes {
			fmt.Fprintln(c.ErrOrStderr(), "payoff:", note)
		}
	}
	if tally.Launches == 0 {
		return errors.Join(err, rec.Finish(time.Now()), discard(out))
	}
	rec.Note(append(reasons(err), tally.Notes...)...) // Finish writes them too, and says if they cannot be written
	rec.Absent(tally.Absent)
	err = errors.Join(err, finished(out, rec.Finish(time.Now())))
	info, samples, readErr := record.Read(out)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	return p.report(c.OutOrStdout(), out, info, samples, err)
}

// A firstSample is a sink that does something once, after the first sample is kept: until
// then a run may turn out to leave nothing.
type firstSample struct {
	harness.Sink
	then func()
}

func (f *firstSample) Sample(s harness.Sample) error {
	if err := f.Sink.Sample(s); err != nil {
		return err
	}
	if f.then != nil {
		f.then()
		f.then = nil
	}
	return nil
}

// reasons returns what a run's error consists of, one reason each, for the run to tell.
func reasons(err error) []string {
	var all []string
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			all = append(all, reasons(e)...)
		}
	} else if err != nil {
		all = append(all, err.Error())
	}
	return all
}

// progressLine says how far a run is, in one line.
func progressLine(suite string, pr harness.Progress) string {
	if pr.Probing {
		return fmt.Sprintf("payoff: %s: sizing job %d of %d: %s", suite, pr.Done+1, pr.Total, pr.Next.Task())
	}
	round := fmt.Sprint(pr.Round + 1)
	if pr.Rounds > 0 {
		round = fmt.Sprintf("%d of %d", pr.Round+1, pr.Rounds)
	}
	text := fmt.Sprintf("payoff: %s: round %s, launch %d of %d, %s left", suite, round, pr.Done+1, pr.Total, span(pr.Left))
	if pr.Void > 0 {
		text += fmt.Sprintf(", %d failed", pr.Void)
	}
	return text + ": " + pr.Next.Task().String() + " " + analyze.Label(pr.Next)
}

// onDisk reports whether tasks work on files.
func (p Program) onDisk(blocks []harness.Block) bool {
	return slices.ContainsFunc(p.Workloads, func(w workloads.Workload) bool {
		return w.OnDisk && slices.ContainsFunc(blocks, func(b harness.Block) bool { return b.Task.Workload == w.Name })
	})
}
