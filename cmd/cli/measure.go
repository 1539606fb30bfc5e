package cli

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/run"
)

// measure creates the folder of a new run, measures the plan and reports the result. If the run
// fails, it reports the samples so far.
func (p Program) measure(c *cobra.Command, m matrix, info harness.Info, out string) error {
	info.Machine, info.Notes = probe.Machine()
	info.Suites, info.Go = m.suites, runtime.Version()
	info.Environment, info.Limits, info.Governor = harness.Fingerprint(os.Environ()), probe.ReadLimits(), probe.Governor()
	var err error
	if l := info.Limits; l.CPU > 0 && int(l.CPU) < info.Machine.Cores {
		info.Notes = append(info.Notes, fmt.Sprintf("A quota limits this process to the CPU time of %.3g cores; the machine has %d", l.CPU, info.Machine.Cores))
	}
	info.Doubt = probe.Tracer()
	info.Build, info.Python = m.build.Digest(), m.python
	if m.python != nil {
		info.Notes = append(info.Notes, pythonNote(*m.python, m.function != nil))
	}
	info.Started = time.Now()
	if err := run.Pinning(); err != nil {
		info.Notes = append(info.Notes, err.Error())
	} else {
		info.Pinned = true
	}
	for _, path := range append([]string{out}, info.Files...) {
		if err := intact("the path", path); err != nil {
			return misuse("%w", err)
		}
	}
	named := out != ""
	if !named {
		if out, err = newFolder(resultsDir, record.FolderName(info.Started, info.Suites)); err != nil {
			return misuse("folder for the run: %w", err)
		}
	}
	info.Notes = append(info.Notes, m.notes...)
	if note := droppedNote(os.Environ(), info.Rules.Env); note != "" {
		info.Notes = append(info.Notes, note)
		m.left = append(slices.Clip(m.left), note)
	}
	for _, note := range m.left {
		fmt.Fprintln(c.ErrOrStderr(), "payoff:", note)
	}
	if slices.ContainsFunc(m.blocks, func(b harness.Block) bool { return p.workload(b.Task.Workload).OnDisk }) {
		if kind, err := probe.Filesystem(filepath.Dir(out)); err == nil {
			info.Notes = append(info.Notes, fmt.Sprintf("Files are in the folder %s, on %s. A task reads what it has just written, so reads come from the page cache", out, kind))
		}
	}
	out = operand(out)
	rec, err := record.Create(out, info)
	if err != nil {
		if !named {
			os.Remove(out)
		}
		return misuse("--out: %w", err)
	}
	return p.carryOut(c, m, rec, out, nil)
}

// carryOut measures the launches of the plan that have no sample in samples yet, and stores their
// samples in rec. Then it reports the whole run.
func (p Program) carryOut(c *cobra.Command, m matrix, rec *record.Run, out string, samples []harness.Sample) error {
	if m.chooses != nil {
		return p.consult(c, m, rec, out)
	}
	info := rec.Info()
	r, tell := p.runner(c, m, rec, out)
	r.Samples = samples
	if m.search != nil {
		r.Judge, r.Next = nil, p.finder(m, info).Next
	}
	if m.function != nil {
		var err error
		if r.Inputs, err = m.inputsOf(out); err != nil {
			return errors.Join(err, rec.Abandon())
		}
	}
	clocks := probe.ReadClocks()
	tally, err := r.Run(c.Context(), m.plan(info.Rounds))
	tally.Notes = append(tally.Notes, probe.ReadClocks().Since(clocks)...)
	tell("")
	if small := (*run.BudgetError)(nil); m.search != nil && errors.As(err, &small) {
		err = &statusError{Unresolved, fmt.Errorf("unresolved: %w", err)} // this is no failure, but the search has no answer yet
	}
	if len(samples)+tally.Launches == 0 {
		return errors.Join(err, rec.Finish(time.Now()), discard(out))
	}
	if tally.Launches == 0 && err == nil {
		tell("nothing is left to measure; to measure more, add --rounds, --budget or --precision")
	}
	l := look{write: true}
	l.verbose, _ = c.Flags().GetBool("verbose")
	if l.verbose {
		for _, note := range tally.Notes {
			tell(note)
		}
	}
	if tally.Launches > 0 || err == nil { // err explains a run without launches
		tell(summary(tally))
	}
	if tally.Aside > 0 {
		tell(fmt.Sprintf("%s left out, because the budget was too short; this command measures them: %s",
			format.Count(tally.Aside, "question"), command("run", "--resume", out, "--budget", wholeSeconds(tally.Rest).String())))
	}
	ended(rec, tally, err)
	err = errors.Join(err, finished(out, rec.Finish(time.Now())))
	info, samples, readErr := record.Read(out)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	if info.Foreign != "" {
		err = errors.Join(err, fmt.Errorf("%s: the results are doubtful: %s", out, info.Foreign))
	}
	a := p.analyze(info, samples)
	if m.search != nil {
		return p.printFound(c, out, m, a, samples, err)
	}
	p.foretell(a, samples)
	if why, _ := c.Flags().GetBool("why"); why && c.Context().Err() == nil && tally.Launches+len(samples) > 0 {
		err = errors.Join(err, p.profilePairs(c, m, out, a))
	}
	a.Explained = explained(out, a)
	return printReport(c.OutOrStdout(), out, a, l, err)
}

// runner returns a runner for the launches of m, whose samples go to rec, in the folder out. The
// function tell prints a line on standard error, after it removes the progress line; it prints no
// line for an empty text.
func (p Program) runner(c *cobra.Command, m matrix, rec *record.Run, out string) (r run.Runner, tell func(text string)) {
	info := rec.Info()
	line := newProgress(c.ErrOrStderr(), os.Getenv)
	tell = func(text string) {
		line.done()
		if text != "" {
			fmt.Fprintln(c.ErrOrStderr(), "payoff:", text)
		}
	}
	link := func() {
		results := parent(out)
		if filepath.Base(results) != resultsDir {
			return
		}
		if err := record.Link(results, out); err != nil {
			tell(fmt.Sprint("results/latest: ", err))
		}
	}
	r = run.Runner{
		Launcher: m.programs, Guards: []*run.Guard{m.build, m.content}, Budget: info.Budget, Sink: &linkingSink{rec, sync.OnceFunc(link)}, Jobs: info.Jobs, Say: tell,
		Judge:    analyze.Judge(info.Precision, analyze.Settings{Waits: p.waits}),
		Progress: func(pr run.Progress) { line.show(time.Now(), progressLine(strings.Join(m.suites, "+"), pr)) },
	}
	r.Dir = out
	return r, tell
}

// ended adds to run.json what a tally and the error of a run say about its end. The method Finish of
// rec writes the file again, and returns the error of writing it.
func ended(rec *record.Run, tally run.Tally, err error) {
	rec.Edit(func(i *harness.Info) {
		i.Notes = append(i.Notes, reasons(err)...)
		i.Ended, i.Doubt = tally.Notes, cmp.Or(i.Doubt, tally.Doubt)
		if i.Absent == nil {
			i.Absent = tally.Absent
		}
		maps.Copy(i.Absent, tally.Absent)
		for name, n := range tally.Failed {
			if i.Failed == nil {
				i.Failed = map[string]int{}
			}
			i.Failed[name] += n
		}
		i.Spent = i.Spent.Add(tally.Spent)
	})
}

// droppedNote returns a note on variables in environ that launches do not inherit, except those that
// the list set gives to a command as NAME=value. It returns "" if there are none.
func droppedNote(environ, set []string) string {
	names := slices.DeleteFunc(harness.Dropped(environ), func(name string) bool {
		return slices.ContainsFunc(set, func(v string) bool { return strings.HasPrefix(v, name+"=") })
	})
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("launches do not get %s from this environment, because it would change the measured times; for a command, --env sets a variable", format.List(names, "and"))
}

// wholeSeconds converts an estimated time to a budget: it adds a tenth and rounds up to whole
// seconds.
func wholeSeconds(d time.Duration) time.Duration {
	return (d + d/10 + time.Second).Truncate(time.Second)
}

// summary returns a line with the number of launches of a run, and how many of them were starved or
// contaminated. The line also has the share of the run's time that launches took.
func summary(t run.Tally) string {
	text := fmt.Sprintf("%s in %s", format.Count(t.Launches, "launch"), format.Elapsed(t.Elapsed))
	if t.Asked > 0 && t.Answered == t.Asked {
		text = fmt.Sprintf("%s answered. %s", format.Count(t.Asked, "question"), text)
	}
	var parts []string
	if t.Starved > 0 {
		parts = append(parts, fmt.Sprintf("%d starved", t.Starved))
	}
	if n := t.Marked - t.Starved; n > 0 {
		parts = append(parts, fmt.Sprintf("%d contaminated", n))
	}
	if t.Again > 0 {
		parts = append(parts, fmt.Sprintf("%d to measure blocks again", t.Again))
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if s := t.Spent; s.Wall > 0 && s.Launches > 0 {
		text += fmt.Sprintf(". Launches took %.0f %% of the time; warm-up and timed work took %.0f %% of the launches.",
			100*s.Launches.Seconds()/s.Wall.Seconds(), 100*s.Work.Seconds()/s.Launches.Seconds())
	}
	return text
}

// A linkingSink stores samples and calls the function link once, after the first stored sample. The
// function link makes results/latest refer to the run. A run without samples is not linked, because
// its folder is removed.
type linkingSink struct {
	run.Sink
	link func()
}

func (s *linkingSink) Sample(sample harness.Sample) error {
	err := s.Sink.Sample(sample)
	if err == nil {
		s.link()
	}
	return err
}

// reasons returns the messages of all errors that errors.Join joined into err.
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

// progressLine returns one line about the progress of a run. Its last words name the launch
// that comes next.
func progressLine(suite string, pr run.Progress) string {
	if pr.Probing {
		return fmt.Sprintf("payoff: %s: sizing job %d of %d: %s", suite, pr.Done+1, pr.Total, pr.Next.Task)
	}
	round := fmt.Sprint(pr.Round + 1)
	if pr.Rounds > 0 {
		round = fmt.Sprintf("%d of %d", pr.Round+1, pr.Rounds)
	}
	text := fmt.Sprintf("payoff: %s: round %s, launch %d of %d, %s left", suite, round, pr.Done+1, pr.Total, format.Elapsed(pr.Left))
	if pr.Gone > 0 {
		text += fmt.Sprintf(", %s answered", format.Count(pr.Gone, "block"))
	}
	if pr.Again {
		text += ", measuring the block again"
	}
	if pr.Void > 0 {
		text += fmt.Sprintf(", %d failed", pr.Void)
	}
	return text + ": " + pr.Next.Task.String() + " " + analyze.Label(pr.Next)
}
