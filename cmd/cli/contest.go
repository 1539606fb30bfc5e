package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/ab"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/run"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

// A contest is a comparison of two programs, base and head, that are ready to be launched.
type contest struct {
	ab.Subject
	guard *run.Guard // notices changes of the programs
	// prepare finds the benchmarks of both programs, and sets the fields of info that describe
	// them. A resumed comparison has these fields already and does not call prepare.
	prepare func(ctx context.Context, info *ab.Info, say func(string, ...any)) error
	close   func()                         // removes the worktrees of --rev
	say     func(form string, args ...any) // prints a line on standard error
}

// openContest returns the contest that info describes, and sets the fields Base and Head of info. It
// writes copies and builds of the programs into the folder temp. The caller closes the contest.
func openContest(c *cobra.Command, info *ab.Info, temp string) (*contest, error) {
	t := &contest{close: func() {}, say: func(form string, args ...any) {
		fmt.Fprintf(c.ErrOrStderr(), "payoff: "+form+"\n", args...)
	}}
	err := t.open(c.Context(), info, temp)
	if err != nil {
		t.close()
		return nil, unlessInterrupted(c.Context(), err)
	}
	return t, nil
}

// open prepares the two test binaries, commands or programs with suites that info describes. For
// --rev, it builds them first.
func (t *contest) open(ctx context.Context, info *ab.Info, temp string) (err error) {
	programs := [2]string{info.Base.Name, info.Head.Name}
	dirs := [2]string{info.What.Dir, info.What.Dir}
	if info.What.Revisions {
		built, err := t.build(ctx, info, temp)
		if err != nil {
			return err
		}
		programs, dirs = built.programs, built.dirs
	}
	switch {
	case info.What.Command:
		return t.openCommands(info)
	case info.What.Suite != "":
		return t.openSuite(ctx, info, programs, temp)
	}
	return t.openTests(info, programs, dirs, temp)
}

// openTests prepares the contest of two test binaries. The argument programs holds the paths of
// base and head, dirs the folders in which they run, and temp the folder for copies.
func (t *contest) openTests(info *ab.Info, programs, dirs [2]string, temp string) error {
	for i, path := range programs {
		if err := executable(path); err != nil {
			return fmt.Errorf("--%s: %w; the command \"go test -c -o FILE\" builds a test binary", sideFlag(i), err)
		}
		programs[i], _ = filepath.Abs(path)
	}
	if err := isFolder(info.What.Dir); err != nil {
		return err
	}
	if err := t.identify(info, programs[:1], programs[1:]); err != nil {
		return err
	}
	copies, err := ab.CopyTests(temp, programs[0], programs[1])
	if err != nil {
		return fmt.Errorf("cannot copy the test binaries: %w", err)
	}
	tests := &ab.Tests{Programs: copies, Dirs: [harness.Sides]string{dirs[0], dirs[0], dirs[1]}, Procs: info.What.Procs}
	t.Subject = tests
	t.prepare = func(ctx context.Context, info *ab.Info, say func(string, ...any)) error {
		return prepareTests(ctx, tests, info, say)
	}
	return nil
}

// listMost is the time limit for one run of all benchmarks of a test binary. It is the default
// limit of go test.
const listMost = 10 * time.Minute

// prepareTests lists the benchmarks of both test binaries, and calibrates the benchmarks that both
// have: it finds the number of operations of a launch.
func prepareTests(ctx context.Context, tests *ab.Tests, info *ab.Info, say func(string, ...any)) error {
	began := time.Now()
	var lists [2]ab.Listing
	for i, side := range []harness.Side{harness.Base, harness.Head} {
		listing := *tests
		listing.Timeout = max(listMost, info.Budget)
		l, err := listing.List(ctx, side, info.What.Bench)
		if err != nil {
			return fmt.Errorf("--%s %s: %w", sideFlag(i), [2]ab.Program{info.Base, info.Head}[i].Name, err)
		}
		lists[i] = l
	}
	info.Package = lists[0].Package
	both, missing := ab.Common(lists[0], lists[1])
	info.Missing = missing
	if len(both)+len(missing) == 0 {
		return fmt.Errorf("--bench %q matches no benchmark of base or head; --bench . matches all", info.What.Bench)
	}
	goal := ab.LaunchTime(info.Budget, len(both))
	for _, b := range both {
		calibrated, err := tests.Calibrate(ctx, b, goal)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			info.Missing = append(info.Missing, ab.Missing{Name: b.Name, Side: harness.Base, Why: "calibration failed: " + err.Error()})
			continue
		}
		info.Benches = append(info.Benches, calibrated)
	}
	say("%s; payoff listed and calibrated them in %s", abCounts(info.Benches, info.Missing), format.Elapsed(time.Since(began)))
	return nil
}

// openCommands prepares the contest of two commands.
func (t *contest) openCommands(info *ab.Info) error {
	var commands [2][]string
	for i, text := range []string{info.Base.Name, info.Head.Name} {
		words, err := kernels.SplitCommand(text, true)
		if err == nil && len(words) == 0 {
			err = errors.New("the command is empty")
		}
		if err == nil {
			words[0], err = found(words[0], info.What.Dir)
		}
		if err != nil {
			return fmt.Errorf("--%s: %w", sideFlag(i), err)
		}
		commands[i] = words
	}
	if err := isFolder(info.What.Dir); err != nil {
		return err
	}
	identify := func() error {
		var read [2][]string
		for i, words := range commands {
			read[i] = slices.DeleteFunc(mentioned(info.What.Dir, words[1:]), func(name string) bool { return slices.Contains(info.Outputs, name) })
		}
		err := t.identify(info, commands[0][:1], commands[1][:1], read[:]...)
		if info.Base.Name != info.Head.Name { // two commands may have the same program, but different arguments
			info.Base.Digest += " " + info.Base.Name
			info.Head.Digest += " " + info.Head.Name
		}
		return err
	}
	if err := identify(); err != nil {
		return err
	}
	subject := &ab.Commands{Sides: [harness.Sides][]string{commands[0], commands[0], commands[1]}, Dir: info.What.Dir}
	t.Subject = subject
	t.prepare = func(ctx context.Context, info *ab.Info, _ func(string, ...any)) error {
		b := ab.Bench{Name: ab.CommandBench, Reps: 1}
		for i, side := range []harness.Side{harness.Head, harness.Base} {
			s, err := subject.Launch(ctx, side, b)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				return fmt.Errorf("--%s: %w", sideFlag(1-i), err)
			}
			b.Cost = s.Wall
		}
		info.Benches, subject.Left = []ab.Bench{b}, 0
		if changed := (*run.ChangedError)(nil); errors.As(t.guard.Check(), &changed) {
			info.Outputs = changed.Files
			return identify()
		}
		return nil
	}
	return nil
}

// found returns the absolute path of a program. A name with a slash is a file, relative to dir. A
// name without a slash is a command in PATH.
func found(name, dir string) (string, error) {
	path := name
	if strings.ContainsRune(name, filepath.Separator) && !filepath.IsAbs(name) {
		var err error
		if path, err = filepath.Abs(filepath.Join(dir, name)); err != nil { // absolute, because Join drops the ./ that marks a file
			return "", err
		}
	}
	path, err := exec.LookPath(path)
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

// identify sets the digests of base and head in info; the arguments base and head list the files of
// each program. It also sets the guard, which notices changes of these files. The argument read lists, for
// each program, further files that the program may read.
func (t *contest) identify(info *ab.Info, base, head []string, read ...[]string) (err error) {
	for i, files := range [][]string{base, head} {
		g, err := run.NewGuard(files...)
		if err != nil {
			return fmt.Errorf("--%s: %w", sideFlag(i), err)
		}
		if len(read) > 0 {
			g.Watch(read[i])
		}
		of := [2]*ab.Program{&info.Base, &info.Head}[i]
		of.Digest = g.Digest()
		if !info.What.Revisions {
			of.Files = files
		}
	}
	if t.guard, err = run.NewGuard(slices.Concat(base, head)...); err == nil {
		t.guard.Watch(slices.Concat(read...))
	}
	return err
}

// sideFlag returns the name of the flag of side i: base or head.
func sideFlag(i int) string { return [2]string{"base", "head"}[i] }

// executable returns an error if path is not an executable file.
func executable(path string) error {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !st.Mode().IsRegular():
		return fmt.Errorf("%s is not a file", path)
	case st.Mode()&0o111 == 0:
		return fmt.Errorf("%s is not executable", path)
	}
	return intact("the path", path)
}

// isFolder returns an error if dir, the value of --dir, is neither empty nor a folder.
func isFolder(dir string) error {
	if st, err := os.Stat(dir); dir != "" && err != nil {
		return fmt.Errorf("--dir: %w", err)
	} else if dir != "" && !st.IsDir() {
		return fmt.Errorf("--dir: %s is not a folder", dir)
	}
	return nil
}
