package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/harness/profile"
	"github.com/payoff-bench/payoff/harness/run"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// launchProfiled launches each cell for which wanted returns true, once for each kind of profile,
// with the profiles in folders below temp. It returns the launches of kind stages separately. For
// each block, it first launches the direct loop to find the size of the job. After an error, it
// also returns the launches before it.
func (p Program) launchProfiled(ctx context.Context, c *cobra.Command, m matrix, f profileFlags, temp string, wanted func(harness.Cell) bool) (launches []profile.Launch, staged []stagedCell, err error) {
	defer func() {
		if err != nil && ctx.Err() != nil {
			kept := "no profile was written"
			if len(launches)+len(staged) > 0 {
				kept = "the profiles so far are kept"
			}
			err = fmt.Errorf("interrupted; %s: %w", kept, context.Cause(ctx))
		}
	}()
	l := m.programs
	l.Dir = temp
	machine, _ := probe.Machine()
	origin := profile.Origin{Machine: machineOf(machine), Build: buildOf(p.Version, p.Commit)}
	line := newProgress(c.ErrOrStderr(), os.Getenv)
	defer line.done()
	for i, b := range m.blocks {
		cells := slices.DeleteFunc(slices.Clone(b.Cells), func(c harness.Cell) bool { return !wanted(c) })
		if len(cells) == 0 {
			continue
		}
		title := cmp.Or(f.title, fmt.Sprintf("profiling block %d of %d", i+1, len(m.blocks)))
		line.show(time.Now(), fmt.Sprintf("payoff: %s: %s", title, b.Task))
		most := slices.MaxFunc(b.Cells, func(a, b harness.Cell) int { return a.Workers - b.Workers }).Workers
		job, err := l.Launch(ctx, harness.Spec{Cell: b.Cells[0], Workers: most, Seed: m.seed, MinTime: b.MinTime})
		if err != nil {
			return launches, staged, &run.LaunchError{Cell: b.Cells[0], Round: -1, Err: fullDisk(err)}
		}
		for _, cell := range cells {
			for _, kind := range f.kinds {
				if kind == stagesKind {
					one, err := p.launchStaged(ctx, c, l, cell, job.Tasks, m.seed, max(f.each, b.MinTime), f.every)
					if err != nil {
						return launches, staged, err
					}
					staged = append(staged, one...)
					continue
				}
				into := filepath.Join(temp, fmt.Sprint(len(launches)))
				if err := os.Mkdir(into, 0o777); err != nil {
					return launches, staged, fullDisk(err)
				}
				r, err := l.Launch(ctx, harness.Spec{Cell: cell, Tasks: job.Tasks, Seed: m.seed, MinTime: max(f.each, b.MinTime), ProfileDir: into, ProfileKind: kind})
				if err != nil {
					return launches, staged, fmt.Errorf("%s profile of %s: %w", kind, cell, fullDisk(err))
				}
				launch := profile.Launch{Cell: cell, Kind: kind, Dir: into, Tasks: r.Ran, Wall: r.Profiled, Makespan: r.Values[harness.UnitOp], Origin: origin, Starved: slices.Contains(r.Marks, harness.MarkStarved)}
				if account, ok := profile.NewAccount(cell.Cores, r.Values); ok {
					launch.Account = account
				}
				if launch.Elsewhere, err = p.elsewhere(launch, l.Workers[cell.Workload]); err != nil {
					return launches, staged, err
				}
				launches = append(launches, launch)
			}
		}
	}
	return launches, staged, nil
}

// elsewhere returns the reason why the profile of the launch lacks the processes that ran its
// tasks, or "" if it has them. The argument worker is the command that starts worker processes.
func (p Program) elsewhere(l profile.Launch, worker []string) (string, error) {
	w := p.workload(l.Cell.Workload)
	strategy := l.Cell.Strategy
	if strategy == harness.Direct {
		strategy = w.Loop
	}
	i := slices.IndexFunc(p.Strategies, func(s catalog.Strategy) bool { return s.Name == strategy })
	switch {
	case w.Children:
		return "the tasks are programs of their own, which give no profile; there are only profiles of the process that starts them", nil
	case i < 0:
		return "", nil
	case p.Strategies[i].Capabilities.Idiom == catalog.RemoteIdiom:
		return "the tasks run in a Python interpreter, which gives no profile; there are only profiles of the process that hands the tasks over", nil
	case !p.Strategies[i].Capabilities.Processes:
		return "", nil
	}
	files, err := l.Files()
	if err != nil || slices.ContainsFunc(files, profile.File.Worker) {
		return "", err
	}
	return fmt.Sprintf("the worker processes gave no profile, because %s is not a worker program of this version of payoff; there are only profiles of the launch", strings.Join(worker, " ")), nil
}

// fullDisk returns err. If err says that the disk is full, it adds the remedy.
func fullDisk(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || err != nil && strings.Contains(err.Error(), syscall.ENOSPC.Error()) {
		return fmt.Errorf("%w; free some space there, or let TMPDIR and --out name folders on another disk", err)
	}
	return err
}
