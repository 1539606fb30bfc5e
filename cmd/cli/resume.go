package cli

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/run"
)

// resume continues the run in the folder, in the same order as if it had not been interrupted. A
// suite, filter, cores or seed on the command line must be that of the run. Rounds, budget and
// precision may differ.
func (p Program) resume(c *cobra.Command, folder string, names []string, ch choice, goal goal) error {
	dir, err := runFolder(folder)
	if err != nil {
		return err
	}
	if link, err := os.Readlink(filepath.Clean(dir)); err == nil { // results/latest, which is replaced when the run continues
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(dir), link)
		}
		dir = link
	}
	rec, samples, torn, err := record.Resume(dir)
	if held := (*record.HeldError)(nil); err != nil && errors.As(err, &held) {
		return &statusError{Failed, err}
	} else if err != nil {
		return damaged(dir, err)
	}
	info := rec.Info()
	m, unlike, err := p.again(c, names, ch, info)
	if n := strangers(m.blocks, samples); err == nil && len(unlike) == 0 && n > 0 {
		unlike = append(unlike, fmt.Sprintf("%s has %d samples of cells that the plan lacks: they are of another run", record.SamplesFile, n))
	}
	if err == nil && len(unlike) > 0 {
		err = misuse("%s cannot be continued here, since its samples and new ones would not be comparable:\n  %s\nstart a new run, or undo the change", dir, strings.Join(unlike, "\n  "))
	}
	if err != nil {
		return errors.Join(err, rec.Abandon())
	}
	if !c.Flags().Changed("rounds") && !c.Flags().Changed("budget") {
		goal.rounds, goal.budget = info.Rounds, info.Budget
	}
	if !c.Flags().Changed("precision") {
		goal.precision = info.Precision
	}
	now := time.Now()
	err = rec.Edit(func(i *harness.Info) {
		i.Resumed, i.Finished, i.Ended = append(i.Resumed, now), time.Time{}, nil
		i.Rounds, i.Budget, i.Precision = goal.rounds, goal.budget, goal.precision
		i.Notes = append(i.Notes, fmt.Sprintf("resumed at %s after %d launches", now.Format(time.RFC3339), len(samples)))
		if torn {
			i.Notes = append(i.Notes, "the last sample was half written when the run ended; it was dropped, and its block is measured again")
		}
	})
	if err != nil {
		return errors.Join(err, rec.Abandon())
	}
	fmt.Fprintf(c.ErrOrStderr(), "payoff: %s continues after %d launches%s\n", dir, len(samples),
		map[bool]string{true: "; the last sample was half written and is dropped"}[torn])
	return p.carryOut(c, m, rec, dir, samples)
}

// strangers returns the number of samples whose cells are not in the block of the plan that the
// samples name.
func strangers(blocks []harness.Block, samples []harness.Sample) (n int) {
	for _, s := range samples {
		if s.Block < 0 || s.Block >= len(blocks) || !slices.Contains(blocks[s.Block].Cells, s.Cell) {
			n++
		}
	}
	return n
}

// again expands the choice with which a run was started, for a resume. It returns in unlike a text
// for each difference between that run and the present command line or machine.
func (p Program) again(c *cobra.Command, names []string, ch choice, info harness.Info) (m matrix, unlike []string, err error) {
	differ := func(what string, now, then any) {
		if !reflect.DeepEqual(now, then) {
			unlike = append(unlike, fmt.Sprintf("%s is %v and was %v", what, show(now), show(then)))
		}
	}
	files := info.Files
	if !slices.EqualFunc(names, files, p.continues) && len(names) > 0 {
		differ("the suite", suiteFiles(names), files)
	}
	if ch.command != "" || ch.inputs != "" {
		unlike = append(unlike, "a resumed run keeps its command and inputs; leave out --command and --inputs")
	}
	if c.Flags().Changed("filter") {
		differ("the filter", ch.filter, info.Filter)
	}
	if c.Flags().Changed("cores") {
		differ("--cores", ch.cores, info.Counts)
	}
	if c.Flags().Changed("seed") {
		differ("the seed", ch.seed, info.Seed)
	}
	differ("payoff's version", p.Version, info.Version)
	differ("its commit", p.Commit, info.Commit)
	differ("the Go toolchain", runtime.Version(), info.Go)
	machine, _ := probe.Machine()
	now, then := reflect.ValueOf(machine), reflect.ValueOf(info.Machine)
	for i := range now.NumField() {
		differ("the machine's "+strings.ToLower(now.Type().Field(i).Name), now.Field(i).Interface(), then.Field(i).Interface())
	}
	differ("pinning to cores", run.Pinning() == nil, info.Pinned)
	if info.Environment != nil { // absent in older runs
		unlike = append(unlike, changedVariables(harness.Fingerprint(os.Environ()), info.Environment)...)
		differ("what this process may use", probe.ReadLimits().Words(), info.Limits.Words())
	}
	if len(unlike) > 0 {
		return m, unlike, nil
	}
	ch.filter, ch.cores, ch.seed, ch.seeded = info.Filter, info.Counts, info.Seed, true
	ch.program, ch.inputs, ch.rules = info.Program, info.Inputs, info.Rules
	if m, err = p.matrix(c, files, ch); err != nil {
		return m, nil, err
	}
	differ("the plan of the suite", m.plan(0).Digest(), info.Plan)
	differ("the folder in which the program runs", m.folder, info.Folder)
	differ("the content of the program and its inputs", m.content.Digest(), info.Content)
	if info.Build != "" { // absent in older runs
		differ("payoff's build", m.build.Digest(), info.Build)
	}
	return m, unlike, nil
}

// changedVariables returns a line for each environment variable whose values in now and then
// differ.
func changedVariables(now, then map[string]string) (unlike []string) {
	all := maps.Clone(now)
	maps.Copy(all, then)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch _, is := now[name]; {
		case now[name] == then[name]:
		case !is:
			unlike = append(unlike, fmt.Sprintf("the environment variable %s is not set and was", name))
		case then[name] == "":
			unlike = append(unlike, fmt.Sprintf("the environment variable %s is set and was not", name))
		default:
			unlike = append(unlike, fmt.Sprintf("the environment variable %s has another value", name))
		}
	}
	return unlike
}

// show returns a value as text for an error about a difference. For an empty value it returns
// "none".
func show(v any) string {
	if list, ok := v.([]string); ok {
		v = strings.Join(list, ", ")
	}
	if s := fmt.Sprint(v); s != "" {
		return s
	}
	return "none"
}

// suiteFiles returns the names of suites. Names of files become absolute paths, so that a run can
// be resumed from any folder.
func suiteFiles(names []string) []string {
	if len(names) == 0 {
		return []string{defaultSuite}
	}
	files := slices.Clone(names)
	for i, name := range files {
		if path, err := filepath.Abs(name); err == nil && strings.HasSuffix(name, ".toml") {
			files[i] = path
		}
	}
	return files
}
