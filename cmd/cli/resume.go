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

// resume continues the run in the folder. Its launches have the same order as in a run without an
// interruption. A suite, filter, cores or seed on the command line must equal that of the run.
// Rounds, budget and precision may differ.
func (p Program) resume(c *cobra.Command, folder string, names []string, ch choice, goal goal) error {
	dir, err := runFolder(folder)
	if err != nil {
		return err
	}
	if link, err := os.Readlink(filepath.Clean(dir)); err == nil { // a link such as results/latest, which the continued run replaces
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
	if c.Name() == "find" && info.Search == nil {
		return errors.Join(misuse("%s is not the folder of a search; %s continues it", dir, command("run", "--resume", dir)), rec.Abandon())
	}
	if info.Files == nil && info.Search == nil && info.Program == nil && info.Function == nil {
		return errors.Join(misuse("%s was measured by payoff advise --workload, which cannot continue a run; start it again", dir), rec.Abandon())
	}
	m, unlike, err := p.again(c, names, ch, info)
	if info.Foreign != "" {
		unlike = append(unlike, info.Foreign)
	}
	if n := strangers(m.blocks, samples); err == nil && len(unlike) == 0 && n > 0 {
		unlike = append(unlike, fmt.Sprintf("%s has %d samples of cells that are not in the plan; they belong to another run", record.SamplesFile, n))
	}
	if err == nil && len(unlike) > 0 {
		err = misuse("%s cannot be continued here, because its samples and new ones would not be comparable:\n  %s\nstart a new run, or undo these changes", dir, strings.Join(unlike, "\n  "))
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
			i.Notes = append(i.Notes, "the last sample was incomplete when the run ended; payoff dropped it and measures its block again")
		}
	})
	if err != nil {
		return errors.Join(err, rec.Abandon())
	}
	fmt.Fprintf(c.ErrOrStderr(), "payoff: the run in %s continues after %d launches%s\n", dir, len(samples),
		map[bool]string{true: "; the last sample is incomplete and is dropped"}[torn])
	return p.carryOut(c, m, rec, dir, samples)
}

// strangers returns the number of samples that do not fit the plan. For such a sample, the plan has
// no block with the sample's block number, or that block does not have the sample's cell.
func strangers(blocks []harness.Block, samples []harness.Sample) (n int) {
	for _, s := range samples {
		if s.Block < 0 || s.Block >= len(blocks) || !slices.Contains(blocks[s.Block].Cells, s.Cell) {
			n++
		}
	}
	return n
}

// again returns the matrix of a run to resume, from its info, which has the choice of cells. The
// result unlike has a text for each difference between that run and the present command line, build
// or machine. The run can continue only if unlike is empty.
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
	if ch.command != "" || ch.inputs != "" || ch.function != "" {
		unlike = append(unlike, "a resumed run keeps its command, function and inputs; remove --command, --python and --inputs")
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
	differ("payoff's commit", p.Commit, info.Commit)
	differ("the Go toolchain", runtime.Version(), info.Go)
	machine, _ := probe.Machine()
	now, then := reflect.ValueOf(machine), reflect.ValueOf(info.Machine)
	for i := range now.NumField() {
		differ("the machine's "+strings.ToLower(now.Type().Field(i).Name), now.Field(i).Interface(), then.Field(i).Interface())
	}
	differ("pinning to cores", run.Pinning() == nil, info.Pinned)
	if info.Environment != nil { // absent in older runs
		unlike = append(unlike, changedVariables(harness.Fingerprint(os.Environ()), info.Environment)...)
		differ("the resource limit of this process", probe.ReadLimits().Words(), info.Limits.Words())
		if tracer := probe.Tracer(); tracer != "" {
			unlike = append(unlike, tracer)
		}
		differ("the frequency governor", probe.Governor(), info.Governor)
	}
	if len(unlike) > 0 {
		return m, unlike, nil
	}
	ch.filter, ch.cores, ch.seed, ch.seeded = info.Filter, info.Counts, info.Seed, true
	ch.program, ch.inputs, ch.rules = info.Program, info.Inputs, info.Rules
	if info.Python != nil && ch.python == "" {
		ch.python = info.Python.Path
	}
	ch.resumed, ch.search = info.Function, info.Search
	if m, err = p.matrix(c, files, ch); err != nil {
		return m, nil, err
	}
	differ("the plan of the suite", m.plan(0).Digest(), info.Plan)
	differ("the folder in which the program runs", m.folder, info.Folder)
	differ("the digest of the program and its inputs", m.content.Digest(), info.Content)
	differ("the interpreter of Python", interpreterWords(m.python), interpreterWords(info.Python))
	if info.Build != "" { // absent in older runs
		differ("the digest of payoff and its workers", m.build.Digest(), info.Build)
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
			unlike = append(unlike, fmt.Sprintf("the environment variable %s is not set now, but was set", name))
		case then[name] == "":
			unlike = append(unlike, fmt.Sprintf("the environment variable %s is set now, but was not set", name))
		default:
			unlike = append(unlike, fmt.Sprintf("the environment variable %s has another value", name))
		}
	}
	return unlike
}

// show returns the text of a value for the message about a difference. For an empty value, it
// returns "none".
func show(v any) string {
	if list, ok := v.([]string); ok {
		v = strings.Join(list, ", ")
	}
	if s := fmt.Sprint(v); s != "" {
		return s
	}
	return "none"
}

// suiteFiles returns names, or the default suite if there are none. It makes the paths of files
// absolute, so that the user can resume a run from any folder.
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
