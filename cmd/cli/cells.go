package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/ab"
	"github.com/payoff-bench/payoff/harness/run"
)

// cellsCommand is the name of the hidden subcommand that prints the cells of a suite that this
// program can launch. payoff ab runs it for both programs that it compares.
const cellsCommand = "cells"

// An offer is the output of the subcommand cells.
type offer struct {
	Spec             int // version of the format of launch specs
	Version, Commit  string
	Blocks           []harness.Block
	Workers, Servers map[string][]string // commands of processes, keyed by workload
	Files            []string            // programs that launches execute
	Left             []string            // notes on cells that this machine cannot run
}

func (p Program) cellsCommand() *cobra.Command {
	var ch choice
	c := &cobra.Command{
		Use:    cellsCommand + " suite",
		Short:  "Print the cells of a suite that this program can launch",
		Hidden: true,
		Args:   some("cells needs the name of a suite"),
		RunE: func(c *cobra.Command, names []string) error {
			m, err := p.matrix(c, names, ch)
			if err != nil {
				return err
			}
			o := offer{
				Spec: harness.SpecVersion, Version: p.Version, Commit: p.Commit,
				Blocks: m.blocks, Workers: m.programs.Workers, Servers: m.programs.Servers, Left: m.left,
				Files: m.executed(),
			}
			return json.NewEncoder(c.OutOrStdout()).Encode(o)
		},
	}
	ch.flags(c, p)
	return c
}

// openSuite prepares the contest of two programs that can launch the cells of a suite. The argument
// programs holds the paths of base and head. Copies of them go to the folder temp.
func (t *contest) openSuite(ctx context.Context, info *ab.Info, programs [2]string, temp string) error {
	var originals [2]offer
	for i, path := range programs {
		if err := executable(path); err != nil {
			return fmt.Errorf("--%s: %w; the command \"make build\" builds payoff", sideFlag(i), err)
		}
		programs[i], _ = filepath.Abs(path)
		var err error
		if originals[i], err = offered(ctx, programs[i], info.What); err != nil {
			return fmt.Errorf("--%s %s: %w", sideFlag(i), path, err)
		}
	}
	base, head := originals[0], originals[1]
	if base.Spec != head.Spec || base.Spec != harness.SpecVersion {
		return fmt.Errorf("base reads launch specs of version %d, head reads version %d, and this program writes version %d; compare programs that read the version of this program", base.Spec, head.Spec, harness.SpecVersion)
	}
	if err := t.identify(info, base.Files, head.Files); err != nil {
		return err
	}
	subject := &ab.Suite{Seed: uint64(info.Seed)}
	for side, i := range [harness.Sides]int{0, 0, 1} {
		// Launches run a copy. The file of base may be that of this running program. Its launches would
		// then share memory pages with this process, and those of head would not.
		folder := filepath.Join(temp, string("abc"[side]))
		if err := ab.CopyPrograms(folder, adjacent(originals[i].Files, programs[i])...); err != nil {
			return fmt.Errorf("cannot use a copy of %s: %w", programs[i], err)
		}
		program := filepath.Join(folder, filepath.Base(programs[i]))
		o, err := offered(ctx, program, info.What)
		if err != nil {
			return fmt.Errorf("cannot use a copy of %s: %w", programs[i], err)
		}
		subject.Launchers[side] = &run.Launcher{Command: []string{program, launchCommand}, Workers: o.Workers, Servers: o.Servers, Dir: temp}
	}
	subject.Plan(base.Blocks, info.Jobs) // for a resumed run; prepare plans a new run
	t.Subject = subject
	t.prepare = func(ctx context.Context, info *ab.Info, say func(string, ...any)) (err error) {
		info.Settings.Shown = ab.SuiteUnits
		info.Benches, info.Missing = ab.CommonCells(base.Blocks, head.Blocks)
		for _, note := range slices.Concat(base.Left, head.Left) {
			if !slices.Contains(info.Notes, note) {
				info.Notes = append(info.Notes, note)
			}
		}
		if len(info.Benches) == 0 {
			return nil
		}
		if info.Jobs, err = subject.Probe(ctx, shared(base.Blocks, info.Benches)); err != nil {
			return err
		}
		subject.Plan(base.Blocks, info.Jobs)
		say("%s", abCounts(info.Benches, info.Missing))
		return nil
	}
	return nil
}

// adjacent returns a list of paths: that of the program at path, followed by those of files that
// are in the same folder, such as its worker program.
func adjacent(files []string, path string) []string {
	others := slices.DeleteFunc(slices.Clone(files), func(file string) bool { return file == path || filepath.Dir(file) != filepath.Dir(path) })
	return append([]string{path}, others...)
}

// shared returns the blocks in which at least one cell is among the benchmarks.
func shared(blocks []harness.Block, benches []ab.Bench) []harness.Block {
	return slices.DeleteFunc(slices.Clone(blocks), func(b harness.Block) bool {
		return !slices.ContainsFunc(b.Cells, func(c harness.Cell) bool {
			return slices.ContainsFunc(benches, func(x ab.Bench) bool { return x.Name == ab.CellName(c) })
		})
	})
}

// offered runs the subcommand cells of the program at path, and returns its offer of cells for the
// suite and filter in what.
func offered(ctx context.Context, path string, what ab.What) (o offer, err error) {
	command := []string{path, cellsCommand, what.Suite}
	if what.Filter != "" {
		command = append(command, "--filter="+what.Filter)
	}
	ended, err := run.Process{Command: command}.Run(ctx)
	if err != nil && strings.Contains(err.Error(), "unknown command") {
		return o, fmt.Errorf("it cannot list its cells, because its version does not have payoff ab; build it from a newer version")
	}
	if err != nil {
		return o, fmt.Errorf("cannot list its cells: %w", err)
	}
	if err := json.Unmarshal(ended.Output, &o); err != nil {
		return o, fmt.Errorf("cannot list its cells: it is not payoff or a program built on package cli: %w", err)
	}
	return o, nil
}
