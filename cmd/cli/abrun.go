package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/ab"
	"github.com/payoff-bench/payoff/harness/compare"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/run"
)

// ab starts or continues a comparison and prints its result.
func (p Program) ab(c *cobra.Command, ch abChoice) error {
	began := time.Now()
	temp, err := os.MkdirTemp("", "payoff-ab-")
	if err != nil {
		return misuse("folder for the programs: %w", err)
	}
	defer os.RemoveAll(temp)
	if ch.from != "" {
		return p.resumeAB(c, ch, temp, began)
	}
	info := ab.Info{
		Kind: ab.Kind, What: ch.what, Base: ab.Program{Name: ch.base}, Head: ab.Program{Name: ch.head},
		Version: p.Version, Commit: p.Commit, Go: runtime.Version(), Seed: ch.seed, Started: began, Budget: ch.budget,
	}
	info.Settings.Margin, _ = parseShare("margin", ch.margin)
	info.Settings.Gates = ch.units
	if !c.Flags().Changed("seed") {
		info.Seed = rand.Uint32()
	}
	info.Machine, info.Notes = probe.Machine()
	info.Environment, info.Limits, info.Doubt = harness.Variables(os.Environ()), probe.ReadLimits(), probe.Tracer()
	contest, err := openContest(c, &info, temp)
	if err != nil {
		return err
	}
	defer contest.close()
	began = time.Now() // again, because the budget does not include the time to build the programs
	if err := contest.prepare(c.Context(), &info, contest.say); err != nil {
		return unlessInterrupted(c.Context(), err)
	}
	if len(info.Benches) == 0 {
		return &statusError{Unresolved, errors.New(nothing(info))}
	}
	named := ch.out != ""
	out := ch.out
	if !named {
		if out, err = newFolder(resultsDir, record.FolderName(began, []string{"ab"})); err != nil {
			return misuse("folder for the run: %w", err)
		}
	}
	out = operand(out)
	rec, err := record.CreateSides(out, &info, info.Machine, info.Package)
	if err != nil {
		return misuse("--out: %w", err)
	}
	return p.measureAB(c, ch, contest, rec, out, info, [harness.Sides][]harness.SideSample{}, began)
}

// nothing returns the message for two programs that have no benchmark in common. The message has a
// line for each benchmark: the side that lacks it and, if known, the reason.
func nothing(info ab.Info) string {
	text := "no benchmark can be compared"
	for _, m := range info.Missing {
		text += fmt.Sprintf("\n%s: not in %s", m.Name, m.Side)
		if m.Why != "" {
			text += ": " + m.Why
		}
	}
	return text
}

// resumeAB continues the comparison in the folder ch.from.
func (p Program) resumeAB(c *cobra.Command, ch abChoice, temp string, began time.Time) error {
	var info ab.Info
	ch.from = operand(ch.from)
	if err := ofSides(ch.from); err != nil {
		return err
	}
	rec, past, err := record.ResumeSides(ch.from, &info)
	if held := (*record.HeldError)(nil); errors.As(err, &held) {
		return &statusError{Unresolved, err}
	} else if err != nil {
		return misuse("--resume: %w", err)
	}
	defer rec.Close()
	var unlike []string
	if doubt := cmp.Or(past.Foreign, info.Doubt); doubt != "" {
		unlike = append(unlike, doubt)
	}
	differ := func(what string, now, then any) {
		if !reflect.DeepEqual(now, then) {
			unlike = append(unlike, fmt.Sprintf("%s is %v and was %v", what, now, then))
		}
	}
	machine, _ := probe.Machine()
	differ("the machine", machine, info.Machine)
	if info.Environment != nil { // absent in older runs
		unlike = append(unlike, changedVariables(harness.Variables(os.Environ()), info.Environment)...)
		differ("the resource limit of this process", probe.ReadLimits().Words(), info.Limits.Words())
	}
	was := [2]string{info.Base.Digest, info.Head.Digest}
	contest, err := openContest(c, &info, temp)
	if err != nil {
		return err
	}
	defer contest.close()
	differ("the digest of base", info.Base.Digest, was[0])
	differ("the digest of head", info.Head.Digest, was[1])
	if len(unlike) > 0 {
		return misuse("%s cannot be continued, because its samples and new ones would not be comparable:\n  %s\nstart a new run, or undo these changes", ch.from, strings.Join(unlike, "\n  "))
	}
	if c.Flags().Changed("budget") || info.Budget == 0 {
		info.Budget = ch.budget
	}
	info.Resumed, info.Finished, info.Failures = append(info.Resumed, began), time.Time{}, nil
	if err := rec.Info(&info); err != nil {
		return misuse("--resume: %w", err)
	}
	contest.say("the run in %s continues after %s", ch.from, format.Count(rec.Count(), "launch"))
	return p.measureAB(c, ch, contest, rec, ch.from, info, past.Samples, time.Now())
}

// measureAB measures the benchmarks of a comparison and prints the result. For a resumed
// comparison, past holds the earlier samples. measureAB stores new samples in rec, whose folder is
// out.
func (p Program) measureAB(c *cobra.Command, ch abChoice, contest *contest, rec *record.SidesRun, out string, info ab.Info, past [harness.Sides][]harness.SideSample, began time.Time) error {
	line := newProgress(c.ErrOrStderr(), os.Getenv)
	r := ab.Runner{
		Subject: contest.Subject, Benches: info.Benches, Seed: uint64(info.Seed), Budget: info.Budget, Began: began, Guard: contest.guard, Sink: rec.Sample, Past: past,
		Decided: func(turns map[string][]ab.Turn) map[string]bool {
			return ab.Judge(info.Benches, turns, info.Settings).Decided
		},
		Progress: func(pr ab.Progress) { line.show(time.Now(), abProgress(pr)) },
	}
	result, err := r.Run(c.Context())
	line.done()
	for _, f := range result.Failures {
		info.Failures = append(info.Failures, f.Error())
	}
	if commands, ok := contest.Subject.(*ab.Commands); ok {
		info.Left += commands.Left
	}
	info.Finished = time.Now()
	info.Doubt = cmp.Or(info.Doubt, result.Doubt)
	info.Foreign = cmp.Or(info.Foreign, info.Doubt)
	switch {
	case err != nil:
		info.Ended = err.Error()
	case result.Cut:
		info.Ended = fmt.Sprintf("the budget of %v ended the run", info.Budget)
	default:
		info.Ended = "every benchmark is decided, or was dropped because it failed"
	}
	info.Notes = append(info.Notes, fmt.Sprintf("%s in %s; %s; seed %d", format.Count(result.Launches, "launch"), format.Elapsed(time.Since(began)), info.Ended, info.Seed))
	kept := rec.Count()
	err = errors.Join(err, finished(out, rec.Info(&info)), rec.Close())
	if kept == 0 && len(result.Failures) == 0 {
		os.RemoveAll(out)
		if result.Cut {
			err = fmt.Errorf("the budget of %v ended before the first round; use a larger one", info.Budget)
		}
		return unlessInterrupted(c.Context(), errors.Join(err, fmt.Errorf("no sample was taken; %s is removed", out)))
	}
	if kept > 0 && filepath.Base(parent(out)) == resultsDir {
		contest.say("samples and run.json are in %s", out)
	}
	table, outcome := ab.Report(info, result.Turns, result.Turn, ch.strict)
	if writeErr := compare.Write(c.OutOrStdout(), table, ch.format); writeErr != nil {
		return &statusError{Unresolved, errors.Join(err, fmt.Errorf("cannot print the result: %w", writeErr))}
	}
	if err != nil {
		err = errors.Join(unlessInterrupted(c.Context(), err), fmt.Errorf("the samples so far are kept; %s continues the run", command("ab", "--resume", out)))
		if changed := (*run.ChangedError)(nil); errors.As(err, &changed) {
			return &statusError{Misused, err}
		}
		return &statusError{Unresolved, err}
	}
	return verdict(table, outcome)
}

// verdict returns an error with an exit status if the comparison finds that head is worse, or if
// benchmarks are open. Otherwise it returns nil.
func verdict(table *compare.Table, outcome ab.Outcome) error {
	switch outcome {
	case ab.Worse:
		return &statusError{Failed, errors.New("head is worse than base: " + table.Summary())}
	case ab.Open:
		return &statusError{Unresolved, errors.New("some benchmarks have no result: " + table.Summary())}
	}
	return nil
}

// ofSides returns an error if dir is the folder of a run of suites, which payoff ab cannot read.
func ofSides(dir string) error {
	for _, name := range []string{record.InfoFile, record.SamplesFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return nil
		}
	}
	return misuse("%s is not the folder of payoff ab; %s continues this run of suites, and %s prints it", dir, command("run", "--resume", dir), command("report", dir))
}

// printAB prints the result of the comparison in the folder ch.from, without measuring.
func printAB(c *cobra.Command, ch abChoice) error {
	var info ab.Info
	ch.from = operand(ch.from)
	if err := ofSides(ch.from); err != nil {
		return err
	}
	sides, err := record.ReadSides(ch.from, &info)
	if err != nil {
		return misuse("--resume: %w", err)
	}
	info.Notes, info.Foreign = append(info.Notes, sides.Notes...), cmp.Or(sides.Foreign, info.Doubt)
	table, outcome := ab.Report(info, ab.Turns(sides.Samples), nil, ch.strict)
	if err := compare.Write(c.OutOrStdout(), table, ch.format); err != nil {
		return &statusError{Unresolved, fmt.Errorf("cannot print the result: %w", err)}
	}
	return verdict(table, outcome)
}

// unlessInterrupted returns err with an exit status: 3 if the user interrupted the command,
// otherwise the status of err, or 2 if err has none.
func unlessInterrupted(ctx context.Context, err error) error {
	var status *statusError
	switch {
	case ctx.Err() != nil:
		return &statusError{Unresolved, err}
	case errors.As(err, &status):
		return err
	}
	return &statusError{Misused, err}
}

// abProgress returns one line about the progress of a comparison. The line ends with the next
// launch.
func abProgress(pr ab.Progress) string {
	return fmt.Sprintf("payoff: ab: round %d, launch %d, %d of %d decided, %s left: %s, %s", pr.Round+1, pr.Launches+1, pr.Decided, pr.Total, format.Elapsed(pr.Left), pr.Next, pr.Side)
}
