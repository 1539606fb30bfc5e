package cli

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/profile"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/strategies/profiler"
)

// profileFlags holds the values of the flags of payoff profile.
type profileFlags struct {
	choice
	kinds []string
	each  time.Duration
	out   string
	diff  bool
	from  string
	every int
	title string // text of the progress line; "" for the number of the block
}

func (p Program) profileCommand() *cobra.Command {
	var f profileFlags
	c := &cobra.Command{
		Use:   "profile [suite]",
		Short: "Profile cells over all of their processes, or compare two profiles per task",
		Long: `Profile launches each matching cell once for each kind of profile, with profiling in
all of its processes, and merges the profiles of a kind into one file for go tool pprof.
It discards the timings: a profiled launch is not a measurement. Traces stay one file per
process. For kind cpu, it also writes a flame graph, as a page for a browser; for kind
trace a timeline, which shows each worker while it takes about ten tasks.

Samples are labelled by strategy, process (launch, w0, w1, …), stage, workload and cell.

With --diff, profile takes two cells or two profiles, and prints by how much they differ
per task, A minus B, by stage and by function. A cell is a filter that matches one cell;
a word alone is a strategy. A profile is a file, or a folder that payoff profile wrote.
With --from, the cells are those of an earlier profile.

Kinds: ` + kindList() + `.

Exit status: 0 good, 1 a failed launch or a file that could not be written, 2 wrong usage
or missing input, 3 too few samples.`,
		Example: `  payoff profile quick --filter 'workload:spin grain:1000 strategy:procs'
  payoff profile smoke --kind cpu,block,trace --filter strategy:pool --out pool
  payoff profile --diff procs pool --filter 'workload:spin grain:1000 chunk:1 cores:2'
  payoff profile --diff procs pool --from results/20260101-120000-profile`,
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case !f.diff:
				return atMost(1, "one suite")(c, args)
			case len(args) < 2 || len(args) > 3:
				return misuse("--diff compares two cells or two profiles: payoff profile --diff procs pool --filter 'grain:1000'")
			}
			return nil
		},
		RunE: draining(func(c *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if f.diff {
				return p.profileDiff(c, args[0], args[1], args[2:], f)
			}
			if f.from != "" {
				return misuse("--from names the profile for --diff; add --diff A B, or remove --from")
			}
			return p.profileCells(c, args, f)
		}),
	}
	f.flags(c, p)
	flags := c.Flags()
	flags.StringSliceVar(&f.kinds, "kind", []string{"cpu"}, "`kinds` of profiles, each in a launch of its own")
	flags.DurationVar(&f.each, "time", time.Second, "minimum `time` to profile each cell")
	flags.IntVar(&f.every, "every", 64, "kind stages stamps one task in `k`")
	flags.StringVarP(&f.out, "out", "o", "", "`folder` for the profiles, which must not exist (default: results/<time>-profile)")
	flags.BoolVar(&f.diff, "diff", false, "compare two cells or two profiles per task")
	flags.StringVar(&f.from, "from", "", "profile, or `folder` of profiles, that holds the cells to compare")
	c.RegisterFlagCompletionFunc("time", cobra.NoFileCompletions)
	c.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(kindNames(), cobra.ShellCompDirectiveNoFileComp))
	c.MarkFlagDirname("out")
	return c
}

// kindNames returns the names of the kinds of profiles.
func kindNames() (names []string) {
	for _, k := range profiler.Kinds() {
		names = append(names, k.Name)
	}
	return append(names, stagesKind)
}

// kindList describes the kinds of profiles for the help text.
func kindList() string {
	var all []string
	for _, k := range profiler.Kinds() {
		all = append(all, k.Name+" ("+k.Doc+")")
	}
	all = append(all, stagesKind+" (time of each stage of a task, by stamps on one clock)")
	return strings.Join(all, ", ")
}

// shortest is the shortest time for which payoff profiles a cell by samples of CPU time.
const shortest = profile.FewestSamples * profile.Period

// check returns an error if a flag has an invalid value.
func (f *profileFlags) check() error {
	if err := between("time", f.each, 10*time.Millisecond, suite.MaxMinTime); err != nil {
		return err
	}
	for _, name := range f.kinds {
		if _, ok := profiler.Find(name); !ok && name != stagesKind {
			return misuse("--kind: %w", &harness.UnknownError{Kind: "kind", Name: name, Have: kindNames()})
		}
	}
	if f.every < 1 {
		return misuse("--every %d: stamp one task in 1 or more", f.every)
	}
	slices.Sort(f.kinds)
	f.kinds = slices.Compact(f.kinds)
	if slices.Contains(f.kinds, "cpu") && f.each < shortest {
		return misuse("--time %v is too short for kind cpu, which takes one sample per %v of CPU time; %v is the shortest", f.each, profile.Period, shortest)
	}
	if f.out != "" {
		if _, err := os.Lstat(f.out); err == nil {
			return misuse("--out: %s exists; name another folder", f.out)
		}
		if _, err := os.Stat(filepath.Dir(f.out)); errors.Is(err, fs.ErrNotExist) {
			return misuse("--out: the folder %s does not exist; create it first", filepath.Dir(f.out))
		}
	}
	return nil
}

// folder creates the folder for the profiles and returns its path.
func (f *profileFlags) folder() (string, error) {
	if f.out == "" {
		dir, err := newFolder(resultsDir, record.FolderName(time.Now(), []string{"profile"}))
		if err != nil {
			return "", misuse("folder for the profiles: %w", err)
		}
		return dir, nil
	}
	if err := os.Mkdir(f.out, 0o777); err != nil {
		return "", misuse("--out: %w", err)
	}
	return f.out, nil
}

// profileCells profiles the cells that the flags select.
func (p Program) profileCells(c *cobra.Command, suites []string, f profileFlags) error {
	m, err := p.matrix(c, suites, f.choice)
	if err != nil {
		return err
	}
	filter, err := suite.ParseFilter(f.filter)
	if err != nil {
		return misuse("--filter: %w", err)
	}
	// A filter for some strategies keeps the direct loop in the blocks, but does not select it.
	_, err = p.profileThose(c, m, f, filter.Selects)
	return err
}

// profileThose profiles the cells for which wanted returns true, writes the profiles to a new folder,
// prints a summary, and returns the path of the folder.
func (p Program) profileThose(c *cobra.Command, m matrix, f profileFlags, wanted func(harness.Cell) bool) (dir string, err error) {
	release, err := p.hold(c, false)
	if err != nil {
		return "", err
	}
	defer release()
	temp, err := os.MkdirTemp("", "payoff-profile-")
	if err != nil {
		return "", fullDisk(err)
	}
	defer os.RemoveAll(temp)
	if dir, err = f.folder(); err != nil {
		return "", err
	}
	launches, staged, failed := p.launchProfiled(c.Context(), c, m, f, temp, wanted)
	if len(launches)+len(staged) == 0 {
		os.Remove(dir)
		return "", cmp.Or(failed, errors.New("no cell was profiled"))
	}
	err = errors.Join(keepProfiles(c, dir, f.kinds, launches), keepStages(c.OutOrStdout(), dir, staged))
	os.Remove(dir) // fails if the folder is not empty
	return dir, errors.Join(failed, err)
}
