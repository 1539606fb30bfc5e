package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/run"
	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

// withWorkload returns the names of the suites to measure. With --workload, the only name is that of
// a sweep: a suite that payoff makes from one workload, with tasks of several sizes. Without it,
// withWorkload returns names. It returns an error for an unknown workload or an invalid size.
func (p Program) withWorkload(c *cobra.Command, names []string, ch choice) ([]string, error) {
	if c.Flags().Changed("workload") {
		switch {
		case len(names) > 0:
			return nil, misuse("--workload is measured by itself, not with suite %s; run them separately", names[0])
		case ch.function != "":
			return nil, misuse("--workload and --python are two tasks; run them separately")
		case ch.command != "" || ch.inputs != "":
			return nil, misuse("--workload and --command are two tasks; run them separately")
		case ch.workload == kernels.Command().Name:
			return nil, misuse("--workload command: name the program: payoff run --command 'prog {}' --inputs FILE")
		}
		names = []string{suite.Sweep{Workload: ch.workload}.String()}
	}
	for _, name := range names {
		if suite.IsSweep(name) {
			if _, err := suite.ParseSweep(name, p.Workloads); err != nil {
				return nil, misuse("%w", err)
			}
		}
	}
	return names, nil
}

// unsized reports whether name is a sweep without sizes, for which payoff must choose the sizes of
// batches. To choose them, payoff measures the time of one input.
func (p Program) unsized(name string) bool {
	if !suite.IsSweep(name) {
		return false
	}
	s, err := suite.ParseSweep(name, p.Workloads)
	return err == nil && s.Key == "batch" && len(s.Sizes) == 0
}

// continues reports whether a user can resume a run by a shorter name of its suite. The argument
// name is the shorter name, and full is the name of the run's suite. Both must be sweeps of the
// same workload, and name must not contain sizes.
func (p Program) continues(name, full string) bool {
	if !suite.IsSweep(name) || !suite.IsSweep(full) {
		return false
	}
	short, err := suite.ParseSweep(name, p.Workloads)
	long, failed := suite.ParseSweep(full, p.Workloads)
	return err == nil && failed == nil && short.Workload == long.Workload && len(short.Sizes) == 0
}

// sized returns names with sizes added to each sweep that lacks them. For each such sweep, it
// measures the time of one input in a launch, and stores this time in ch.works.
func (p Program) sized(ctx context.Context, names []string, ch *choice) ([]string, error) {
	names = slices.Clone(names)
	ch.works = map[string]time.Duration{}
	for i, name := range names {
		if !p.unsized(name) {
			continue
		}
		s, err := suite.ParseSweep(name, p.Workloads)
		if err != nil {
			return nil, misuse("%w", err)
		}
		w := p.workload(s.Workload)
		work, err := p.timed(ctx, s.Task(w))
		if err != nil {
			return nil, err
		}
		ch.works[s.Workload] = work
		names[i] = s.Sized(w, work).String()
	}
	return names, nil
}

// timed launches the direct loop and returns the time of one task, at least 1 ns.
func (p Program) timed(ctx context.Context, t harness.Task) (_ time.Duration, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "payoff-sizing-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l := run.Launcher{Command: []string{self, launchCommand}, Dir: dir, Servers: p.servers(self, []harness.Block{{Task: t}})}
	cell := harness.Cell{Task: t, Strategy: harness.Direct, Cores: cores(), Workers: 1, Chunk: harness.FixedChunk(1), Order: harness.MapOrder}
	result, err := l.Launch(ctx, harness.Spec{Cell: cell, Workers: 1, Seed: 1, MinTime: time.Millisecond})
	switch {
	case ctx.Err() != nil:
		return 0, fmt.Errorf("interrupted; no sample was kept: %w", context.Cause(ctx))
	case err != nil:
		return 0, &run.LaunchError{Cell: cell, Round: -1, Err: err}
	}
	return max(1, time.Duration(result.Work)), nil
}

// sweep returns the suite of the sweep with the given name. It also returns a note for the report,
// which has the workload, the sizes, and the time of one input if ch has it.
func (p Program) sweep(name string, ch choice) (made suite.Suite, note string, err error) {
	s, err := suite.ParseSweep(name, p.Workloads)
	if err != nil {
		return made, "", err
	}
	w, work := p.workload(s.Workload), ch.works[s.Workload]
	s = s.Sized(w, work)
	var strategies []string
	for _, st := range p.Strategies {
		strategies = append(strategies, st.Name)
	}
	made, err = s.Suite(w, strategies, work)
	note = "The suite was made from workload " + s.Workload
	if s.Key != "" {
		note += fmt.Sprintf(", with %s %s", s.Key, strings.Trim(strings.ReplaceAll(fmt.Sprint(s.Sizes), " ", ", "), "[]"))
	}
	if work > 0 {
		note += "; one input takes " + format.RoundTime(float64(work))
	}
	return made, note, err
}

// present returns the filter f without the workloads that no block has, and a note for each of
// them. It returns an error if this program does not have a workload of the filter, or if no block
// has any of the filter's workloads.
func (p Program) present(f suite.Filter, suites []string, blocks []harness.Block) (_ suite.Filter, notes []string, err error) {
	f, absent, empty := f.Without("workload", func(name string) bool {
		return slices.ContainsFunc(blocks, func(b harness.Block) bool { return b.Task.Workload == name })
	})
	for _, name := range absent {
		if _, err := harness.Find(p.Workloads, "workload", name, func(w workloads.Workload) string { return w.Name }); err != nil {
			return f, nil, err
		}
		lack := "suite " + suites[0] + " has"
		if len(suites) > 1 {
			lack = "suites " + format.List(suites, "and") + " have"
		}
		notes = append(notes, fmt.Sprintf("%s no cells of workload %s; this command measures it: payoff run --workload %s", lack, name, name))
	}
	if empty {
		return f, nil, errors.New(strings.Join(notes, "; "))
	}
	return f, notes, nil
}
