package cli

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/model"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/report"
	"github.com/payoff-bench/payoff/harness/run"
	"github.com/payoff-bench/payoff/harness/suite"
)

// How payoff advise --workload divides its budget.
const (
	consultBudget = 100 * time.Second // default budget, with which the command ends within two minutes
	firstShare    = 0.55              // share of the budget for the blocks that are measured first
	firstRounds   = 3                 // rounds of these blocks
	checkedCells  = 5                 // cells of the check, apart from the direct loop
	checkMost     = 24                // largest number of rounds of the check
)

// A consultation holds the flags of payoff advise --workload.
type consultation struct {
	workload, out string
	size          sizeFlags
	budget        time.Duration
	seed          uint64
	worker        string
}

// flags declares the flags that need --workload, except those that payoff advise declares itself.
func (f *consultation) flags(c *cobra.Command, p Program) {
	flags := c.Flags()
	flags.StringVar(&f.workload, "workload", "", "`name` of a workload to measure for the answer, in place of reading runs")
	flags.StringVar(&f.size.grain, "grain", "", "`time` of a task of the workload (default: 10us)")
	flags.DurationVar(&f.budget, "budget", consultBudget, "`time` for the measurement, such as 60s")
	flags.Uint64Var(&f.seed, "seed", 0, "`number` that determines the tasks and the order of launches (default: random, and recorded)")
	flags.StringVarP(&f.out, "out", "o", "", "`folder` for the run, new or empty (default: results/<time>-advise-…)")
	flags.StringVar(&f.worker, "worker", "", "`program` that worker processes run (default: as for payoff run)")
	for _, name := range []string{"grain", "budget", "seed"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.RegisterFlagCompletionFunc("workload", func(*cobra.Command, []string, string) (names []string, _ cobra.ShellCompDirective) {
		for _, w := range p.Workloads {
			names = append(names, cobra.CompletionWithDesc(w.Name, w.Doc))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
}

// measured measures the workload of f, and prints which strategy to use for its tasks.
func (p Program) measured(c *cobra.Command, f consultation) error {
	for _, name := range []string{"cpu", "wait", "tasks", "crash", "from"} {
		if c.Flags().Changed(name) {
			return misuse("--workload measures tasks, and --%s describes tasks of earlier runs; remove one of them", name)
		}
	}
	if err := between("budget", f.budget, 5*time.Second, suite.MaxBudget); err != nil {
		return err
	}
	t := harness.Task{Workload: f.workload}
	if _, err := f.size.task(c, p, &t); err != nil {
		return misuse("advise: %w", err)
	}
	if _, err := p.catalog("", nil).Candidates(t, time.Duration(t.Grain), cores()); err != nil { // report an error before measuring
		return misuse("advise: %w", err)
	}
	release, err := p.hold(c, false)
	if err != nil {
		return err
	}
	defer release()
	if err := lookAround(c, 0); err != nil {
		return err
	}
	ch := choice{advise: &t, seed: f.seed, worker: f.worker, works: map[string]time.Duration{}}
	if ch.works[t.Workload], err = p.timed(c.Context(), t); err != nil {
		return err
	}
	m, err := p.matrix(c, nil, ch)
	if err != nil {
		return err
	}
	info := harness.Info{Seed: m.seed, Plan: m.plan(0).Digest(), Version: p.Version, Commit: p.Commit, Budget: f.budget}
	return p.measure(c, m, info, f.out)
}

// A keepingSink passes samples and jobs to another sink, and keeps them.
type keepingSink struct {
	run.Sink
	jobs    []harness.Job
	samples []harness.Sample
}

func (s *keepingSink) Jobs(jobs []harness.Job) error {
	s.jobs = jobs
	return s.Sink.Jobs(jobs)
}

func (s *keepingSink) Sample(x harness.Sample) error {
	s.samples = append(s.samples, x)
	return s.Sink.Sample(x)
}

// consult measures the blocks of m, fits the model to them, and chooses the cells of m.chooses with
// the smallest expected makespans. It checks these by measuring them together in a further block,
// and prints the cell to use.
func (p Program) consult(c *cobra.Command, m matrix, rec *record.Run, out string) error {
	began, info := time.Now(), rec.Info()
	set := analyze.Settings{Waits: p.waits}
	r, tell := p.runner(c, m, rec, out)
	kept := &keepingSink{Sink: r.Sink}
	r.Sink, r.Judge = kept, nil
	r.Budget = time.Duration(firstShare * float64(info.Budget))
	first := len(m.blocks)
	r.Next = func(all []harness.Sample) (int, bool) {
		block, more := least(all, first, firstRounds)
		return block, more && !crowdedOut(all)
	}
	tally, err := r.Run(c.Context(), m.plan(0))
	shown := tally

	of := model.OfTask(kept.samples, p.waits(m.blocks[0].Task.Workload))
	advice := report.Advised{Model: of, Expected: model.Shortlist(of.Propose(m.chooses), checkedCells)}
	switch {
	case err != nil:
	case crowdedOut(kept.samples):
		advice.Expected, err = nil, unresolved("other processes took the cores of most launches; run it again on a quiet machine")
	case len(advice.Expected) == 0:
		err = unresolved("the budget of %v was too short to measure a cell twice; give a larger --budget", info.Budget)
	}
	if err == nil {
		check := harness.Block{Suite: m.blocks[0].Suite, Task: m.blocks[0].Task, Cores: m.blocks[0].Cores, MinTime: m.blocks[0].MinTime, Cells: m.blocks[0].Cells[:1:1]}
		for _, e := range advice.Expected {
			check.Cells = append(check.Cells, e.Cell)
		}
		m.blocks = append(slices.Clip(m.blocks), check)
		r.Jobs, r.Samples = kept.jobs, kept.samples
		r.Budget = max(time.Second, info.Budget-time.Since(began))
		judge := analyze.Judge(analyze.DefaultPrecision, set)
		r.Next = func(all []harness.Sample) (int, bool) {
			in := blockOf(all, first)
			n := rounds(in)
			return first, !crowdedOut(in) && (n < harness.FewestRounds || n < checkMost && !judge(in).Answered)
		}
		ended(rec, tally, nil)
		var more run.Tally
		more, err = r.Run(c.Context(), m.plan(0))
		more.Notes = append(tally.Notes, more.Notes...)
		shown = more
		shown.Launches, shown.Elapsed = more.Launches+tally.Launches, time.Since(began)
		shown.Marked, shown.Starved = more.Marked+tally.Marked, more.Starved+tally.Starved
		shown.Spent, tally = tally.Spent.Add(more.Spent), more
	}
	tell("")
	if small := (*run.BudgetError)(nil); errors.As(err, &small) {
		// This is no failure, but there is no answer yet.
		err = &statusError{Unresolved, fmt.Errorf("unresolved: the first cells get a part of the budget of %v, and it is too short: %w; give a larger --budget", info.Budget, err)}
	}
	if shown.Launches == 0 {
		return errors.Join(err, rec.Finish(time.Now()), discard(out))
	}
	tell(summary(shown))
	ended(rec, tally, err)
	rec.Edit(func(i *harness.Info) { i.Plan = m.plan(0).Digest() })
	err = errors.Join(err, finished(out, rec.Finish(time.Now())))
	info, samples, readErr := record.Read(out)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	if _, reportErr := report.Write(out, out, p.analyze(info, samples)); reportErr != nil {
		err = freeSpace(out, errors.Join(err, reportErr))
	}
	return errors.Join(err, p.printChecked(c, advice, blockOf(samples, first), set, out))
}

// printChecked prints the advice and the result of its check. The argument samples holds the
// samples of the check. If the check leaves open whether another cell is faster, printChecked
// returns an error that says so.
func (p Program) printChecked(c *cobra.Command, d report.Advised, samples []harness.Sample, set analyze.Settings, out string) error {
	if len(d.Expected) == 0 {
		return nil // the error of consult says why
	}
	var ok bool
	if d.Check, ok = analyze.NewCheck(samples, d.Expected[0].Cell, set); !ok {
		return unresolved("%s is expected to be the fastest, but no check confirms it; the samples are in %s", analyze.Short(d.Expected[0].Cell), out)
	}
	d.Tasks = int(samples[0].Values[harness.UnitTasks])
	if d.Code = p.Code(d.Check.Chosen); analyze.KindOf(d.Check.Chosen) == analyze.Loops {
		d.Code = nil
	}
	err := report.CheckedAdvice(c.OutOrStdout(), d)
	_, printErr := fmt.Fprintf(c.OutOrStdout(), "details: %s\n", command("report", out))
	if err = errors.Join(err, printErr); err != nil || len(d.Check.Open) == 0 {
		return err
	}
	return unresolved("%s may be faster than the advised strategy by more than %s; a larger --budget may decide it", format.Count(len(d.Check.Open), "checked cell"), format.Percent(analyze.DefaultPrecision))
}

// least returns the number of a block with the fewest rounds among the first n blocks. The result
// more is false if all of them have at least most rounds.
func least(samples []harness.Sample, n, most int) (block int, more bool) {
	for b := range n {
		if have := rounds(blockOf(samples, b)); have < most {
			block, most, more = b, have, true
		}
	}
	return block, more
}

// crowdedOut reports whether other processes used the cores of most launches: there are at least 24
// launches, and more than half of them are starved.
func crowdedOut(samples []harness.Sample) bool {
	starved := slices.DeleteFunc(slices.Clone(samples), func(s harness.Sample) bool { return !s.Starved() })
	return len(samples) >= 24 && 2*len(starved) > len(samples)
}

// blockOf returns those samples that belong to the block with the given number.
func blockOf(samples []harness.Sample, block int) []harness.Sample {
	return slices.DeleteFunc(slices.Clone(samples), func(s harness.Sample) bool { return s.Block != block })
}

// rounds returns the number of different rounds of the samples.
func rounds(samples []harness.Sample) int {
	seen := map[int]bool{}
	for _, s := range samples {
		seen[s.Round] = true
	}
	return len(seen)
}
