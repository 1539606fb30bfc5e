package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/profile"
)

// explanation explains the difference between two cells by the samples of the run in the folder dir
// and by its profiles. The notes give the reasons why profiles were not used.
func explanation(dir string, a *analyze.Analysis, one, other harness.Cell) (of analyze.Explanation, notes []string) {
	of.Difference = a.Difference(one, other)
	slow, fast := one, other
	if of.Difference.Total.Value < 0 {
		slow, fast = other, one
	}
	of.Remedies = a.Remedies(slow, fast)
	of.Cause, notes = findCause(profilesOf(dir), a.Info, one, other)
	return of, notes
}

// findCause returns the cause of the difference between two cells from a CPU profile: the first one
// in paths that has both cells and can be used. It returns nil if there is none. It adds the stages
// in the folder of the profile. The notes name the profiles that it could not use.
func findCause(paths []string, info harness.Info, one, other harness.Cell) (cause *analyze.Cause, notes []string) {
	for _, path := range paths {
		sides, err := profile.Read(path)
		if err != nil {
			notes = append(notes, fmt.Sprintf("not used: %v", err))
			continue
		}
		pair := make([]*profile.Side, 2)
		for i, cell := range []harness.Cell{one, other} {
			if at := slices.IndexFunc(sides, func(s profile.Side) bool { return s.Cell == cell.String() }); at >= 0 {
				pair[i] = &sides[at]
			}
		}
		if pair[0] == nil || pair[1] == nil {
			continue
		}
		if got, want := pair[0].Origin.Machine, machineOf(info.Machine); got != want {
			notes = append(notes, fmt.Sprintf("not used: %s is from another machine than the run: %s, and not %s", path, cmp.Or(got, "unknown"), want))
			continue
		}
		c, err := profile.Cause(*pair[0], *pair[1])
		if err != nil {
			notes = append(notes, fmt.Sprintf("not used: %v", err))
			continue
		}
		if err := addStages(&c, filepath.Join(filepath.Dir(path), stagesKind+".json")); err != nil {
			notes = append(notes, fmt.Sprintf("not used: %v", err))
		}
		if got, want := pair[0].Origin.Build, buildOf(info.Version, info.Commit); got != want {
			notes = append(notes, fmt.Sprintf("%s is of another build of payoff than the run: %s, and not %s", path, got, want))
		}
		return &c, notes
	}
	return nil, notes
}

// profilesOf returns the paths of the CPU profiles in the folder of a run and in folders next to
// it. Those of the run come first; both groups begin with the newest profile.
func profilesOf(dir string) []string {
	inside, around := ownProfiles(dir), foundIn(parent(dir), "*/cpu"+profileSuffix)
	return slices.Concat(inside, slices.DeleteFunc(around, func(path string) bool {
		return slices.ContainsFunc(inside, func(own string) bool { return sameFile(own, path) })
	}))
}

// ownProfiles returns the paths of the CPU profiles in the folder of a run, the newest first.
func ownProfiles(dir string) []string {
	name := "cpu" + profileSuffix
	return foundIn(dir, name, "*/"+name, "*/*/"+name)
}

// foundIn returns the files in the folder dir that match the patterns, the newest first.
func foundIn(dir string, patterns ...string) (paths []string) {
	times := map[string]time.Time{}
	for _, pattern := range patterns {
		matches, _ := fs.Glob(os.DirFS(dir), pattern)
		for _, m := range matches {
			path := filepath.Join(dir, filepath.FromSlash(m))
			if st, err := os.Stat(path); err == nil {
				times[path], paths = st.ModTime(), append(paths, path)
			}
		}
	}
	slices.SortStableFunc(paths, func(x, y string) int { return times[y].Compare(times[x]) })
	return paths
}

// profilingCommand returns the command that profiles two cells of the run in the folder dir. It
// returns "" if payoff profile cannot launch these cells.
func profilingCommand(dir string, a *analyze.Analysis, one, other harness.Cell) string {
	info := a.Info
	if info.Program != nil || info.Function != nil || info.Search != nil {
		return ""
	}
	var terms []string
	for _, axis := range harness.AllAxes() {
		var have []string
		for _, l := range a.Launched {
			if v := axis.Text(l.Cell); (l.Cell.Workload == one.Workload || axis.Key == "workload") && !slices.Contains(have, v) {
				have = append(have, v)
			}
		}
		if len(have) > 1 {
			values := slices.Compact([]string{axis.Text(one), axis.Text(other)})
			terms = append(terms, axis.Key+":"+strings.Join(values, ","))
		}
	}
	suites := info.Files
	if len(suites) == 0 {
		suites = info.Suites // older runs have no Files
	}
	words := slices.Concat([]string{"profile"}, suites, []string{"--kind", "cpu," + stagesKind, "--filter", strings.Join(terms, " ")})
	if len(info.Counts) > 0 {
		words = append(words, "--cores", strings.Join(info.Counts, ","))
	}
	out := filepath.Join(dir, "profile")
	for n := 2; ; n++ {
		if _, err := os.Lstat(out); err != nil {
			break
		}
		out = filepath.Join(dir, fmt.Sprint("profile-", n))
	}
	return command(append(words, "--seed", strconv.FormatUint(info.Seed, 10), "--out", operand(out))...)
}

// machineOf returns a text that identifies the machine of a run or of a profile.
func machineOf(m harness.Machine) string {
	return fmt.Sprintf("%s, %d cores, %s/%s", m.CPU, m.Cores, m.GOOS, m.GOARCH)
}

// buildOf returns a text that identifies the build of payoff that made a run or a profile.
func buildOf(version, commit string) string {
	return cmp.Or(version, "unknown") + " " + cmp.Or(commit, "unknown")
}

// addStages adds the stages of the two cells to the cause c. It reads them from the file at path,
// which payoff profile wrote. If there is no file, or the file lacks a cell, it adds none.
func addStages(c *analyze.Cause, path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var all []stagedCell
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	sides := make([]*harness.Staged, 2)
	for i, cell := range []harness.Cell{c.A, c.B} {
		for _, s := range all {
			if s.Cell == cell.String() {
				sides[i] = s.Staged
			}
		}
	}
	if sides[0] == nil || sides[1] == nil {
		return nil
	}
	c.Every = sides[0].Every
	for _, name := range []string{"encode", "decode", "execute", "encode-back", "decode-back"} {
		s := analyze.CauseStage{Name: name}
		s.A, s.HasA = meanOf(sides[0], name)
		s.B, s.HasB = meanOf(sides[1], name)
		if s.HasA || s.HasB {
			c.Stages = append(c.Stages, s)
		}
	}
	return nil
}

// meanOf returns the mean time of a stage, and whether the stage exists.
func meanOf(s *harness.Staged, name string) (ns float64, ok bool) {
	for _, t := range s.Stages {
		if t.Name == name {
			return t.Mean, true
		}
	}
	return 0, false
}
