package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/profile"
)

const (
	// apart is the share by which the makespans of two strategies must differ so that --why
	// profiles them.
	apart = 0.2
	// apartKinds is the largest number of kinds of tasks on the first screen.
	apartKinds = 10
	// whyBound is the longest time that --why takes after the run.
	whyBound = 2 * time.Minute
)

// errBound is the cause with which the profiling of pairs ends after whyBound.
var errBound = fmt.Errorf("--why takes at most %v", whyBound)

// profilePairs profiles the pairs of strategies on the first screen that differ by more than apart.
// It keeps the profiles in folders of the run in dir, and leaves out pairs that have a profile
// there. It returns an error only if it cannot write a folder. If it cannot profile a pair, it
// prints the reason and continues.
func (p Program) profilePairs(c *cobra.Command, m matrix, dir string, a *analyze.Analysis) error {
	tell := func(form string, args ...any) {
		fmt.Fprintf(c.ErrOrStderr(), "payoff: "+form+"\n", args...)
	}
	pairs := a.Apart(apart, apartKinds)
	todo := slices.DeleteFunc(slices.Clone(pairs), func(pair analyze.Pair) bool {
		cause, _ := ownCause(dir, a.Info, pair)
		return cause != nil
	})
	switch {
	case m.programs.Program != nil || m.function != nil:
		tell("--why: the tasks are other programs, which give no profile")
		return nil
	case a.Busy():
		tell("--why: the machine was too busy to say which strategies differ")
	case len(pairs) == 0:
		tell("--why: no two kinds of strategies differ by more than %s", format.Percent(apart))
	case len(todo) > 0:
		tell("profiling %s that differ by more than %s, for at most %v; an interrupt ends it and keeps the answer", format.Count(len(todo), "pair of strategies"), format.Percent(apart), whyBound)
	}
	ctx, cancel := context.WithTimeoutCause(c.Context(), whyBound, errBound)
	defer cancel()
	for i, pair := range todo {
		title := fmt.Sprintf("why: pair %d of %d, %s and %s", i+1, len(todo), analyze.Short(pair.Slow), analyze.Short(pair.Fast))
		err := p.profilePair(ctx, c, m, dir, pair, title)
		if ctx.Err() != nil {
			tell("%s left without a profile: %v; %s makes them", format.Count(len(todo)-i, "pair"), context.Cause(ctx), command("run", "--resume", dir, "--rounds", strconv.Itoa(a.Rounds), "--why"))
			return nil
		}
		if path := (*os.PathError)(nil); errors.As(err, &path) {
			return err
		}
		if err != nil {
			tell("%s: no profile: %v", pair.Slow.Task, err)
		}
	}
	return nil
}

// profilePair profiles the cells of a pair and moves the profiles to a new folder of the run in dir.
func (p Program) profilePair(ctx context.Context, c *cobra.Command, m matrix, dir string, pair analyze.Pair, title string) error {
	at := slices.IndexFunc(m.blocks, func(b harness.Block) bool {
		return slices.Contains(b.Cells, pair.Slow) && slices.Contains(b.Cells, pair.Fast)
	})
	if at < 0 {
		return errors.New("the two strategies are in different blocks")
	}
	m.blocks = m.blocks[at : at+1]
	temp, err := os.MkdirTemp(dir, ".why-")
	if err != nil {
		return fullDisk(err)
	}
	defer os.RemoveAll(temp)
	kept := filepath.Join(temp, "kept")
	if err := os.Mkdir(kept, 0o777); err != nil {
		return fullDisk(err)
	}
	wanted := func(c harness.Cell) bool { return c == pair.Slow || c == pair.Fast }
	f := profileFlags{kinds: []string{"cpu"}, each: time.Second, every: 64, title: title}
	launches, _, err := p.launchProfiled(ctx, c, m, f, temp, wanted)
	if err != nil {
		return err
	}
	for _, l := range launches {
		if l.Elsewhere != "" {
			return errors.New(l.Elsewhere)
		}
	}
	path := filepath.Join(kept, "cpu"+profileSuffix)
	if _, err := mergeInto(path, launches); err != nil {
		return err
	}
	if err := comparable(path, pair); err != nil {
		return err
	}
	if _, err := keepFlameGraph(path); err != nil {
		return err
	}
	f.kinds, f.each = []string{stagesKind}, 300*time.Millisecond
	_, staged, err := p.launchProfiled(ctx, c, m, f, temp, wanted)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "payoff: %s: no stages: %v\n", pair.Slow.Task, err)
	} else if err := writeStages(filepath.Join(kept, stagesKind+".json"), staged); err != nil {
		return err
	}
	if err := p.drawTimelines(ctx, c, m, title, kept, wanted); ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "payoff: %s: no timelines: %v\n", pair.Slow.Task, err)
	}
	for n := 1; ; n++ {
		to := filepath.Join(dir, fmt.Sprintf("why-%d", n))
		if _, err := os.Lstat(to); err == nil {
			continue
		}
		return os.Rename(kept, to)
	}
}

// comparable returns an error if the profile at path does not show the cause of the pair's difference.
func comparable(path string, pair analyze.Pair) error {
	sides, err := profile.Read(path)
	if err != nil {
		return err
	}
	side := func(c harness.Cell) profile.Side {
		return sides[slices.IndexFunc(sides, func(s profile.Side) bool { return s.Cell == c.String() })]
	}
	_, err = profile.Cause(side(pair.Slow), side(pair.Fast))
	return err
}

// ownCause returns the cause of the difference of a pair from a profile in the folder of the run.
func ownCause(dir string, info harness.Info, pair analyze.Pair) (*analyze.Cause, []string) {
	return findCause(ownProfiles(dir), info, pair.Slow, pair.Fast)
}

// explained returns an explanation of each pair on the first screen that has a profile in the
// folder of the run in dir. The paths of the profiles are relative to dir.
func explained(dir string, a *analyze.Analysis) (all []analyze.Explanation) {
	if len(ownProfiles(dir)) == 0 {
		return nil
	}
	for _, pair := range a.Apart(apart, apartKinds) {
		cause, _ := ownCause(dir, a.Info, pair)
		if cause == nil {
			continue
		}
		if rel, err := filepath.Rel(dir, cause.Path); err == nil {
			cause.Path = filepath.ToSlash(rel)
		}
		all = append(all, analyze.Explanation{Difference: a.Difference(pair.Slow, pair.Fast), Cause: cause, Remedies: a.Remedies(pair.Slow, pair.Fast)})
	}
	return all
}
