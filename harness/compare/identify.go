package compare

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// A trait is a property of a run, such as its machine. If two runs differ in a trait, [Runs]
// refuses the comparison or adds a warning to the table.
type trait struct {
	name string
	of   func(harness.Info) string
	// remedy says how to make comparable runs; %s in it stands for the trait of the old side. If
	// remedy is empty, a difference is only a warning.
	remedy string
}

const oneMachine = "measure both sides on the same machine, best with payoff ab"

var traits = []trait{
	{"machine", func(i harness.Info) string { return i.Machine.Host }, oneMachine},
	{"CPU", func(i harness.Info) string { return i.Machine.CPU }, oneMachine},
	{"cores", func(i harness.Info) string { return strconv.Itoa(i.Machine.Cores) }, oneMachine},
	{"system", func(i harness.Info) string { return i.Machine.GOOS + "/" + i.Machine.GOARCH }, oneMachine},
	{"suite", func(i harness.Info) string { return strings.Join(i.Suites, "+") }, "measure the suite %s on both sides"},
	{"seed", func(i harness.Info) string { return strconv.FormatUint(i.Seed, 10) }, "a different seed makes different tasks; measure the new side with payoff run --seed %s"},
	{"CPU governor", func(i harness.Info) string { return i.Governor }, ""},
	{"CPU quota", func(i harness.Info) string { return strconv.FormatFloat(i.Limits.CPU, 'g', 3, 64) }, ""},
	{"limits", func(i harness.Info) string {
		i.Limits.CPU, i.Limits.Cores = 0, "" // these have traits of their own
		return strings.Join(i.Limits.Words(), ", ")
	}, ""},
	{"operating system release", func(i harness.Info) string { return i.Machine.Kernel }, ""},
	{"hypervisor", func(i harness.Info) string { return i.Machine.Virtual }, ""},
	{"pinning", func(i harness.Info) string { return strconv.FormatBool(i.Pinned) }, ""},
	{"Go", func(i harness.Info) string { return i.Go }, ""},
	{"commit", func(i harness.Info) string { return strings.TrimSpace(i.Version + " " + i.Commit) }, ""},
	{"program", func(i harness.Info) string { return strings.Join(i.Program, " ") }, ""},
	{"Python function", func(i harness.Info) string {
		if i.Function == nil {
			return ""
		}
		return i.Function.Name
	}, ""},
	{"program content", func(i harness.Info) string { return i.Content }, ""},
}

// difference returns the values of the trait in both runs as text, or "" if they are equal.
func (tr trait) difference(a, b harness.Info) string {
	x, y := cmp.Or(tr.of(a), absent), cmp.Or(tr.of(b), absent)
	if x == y {
		return ""
	}
	return fmt.Sprintf("%s %s / %s", tr.name, x, y)
}

// Differences returns the properties in which two runs differ, such as "CPU A / B". They include the
// machine, the system, the suite, the seed and the program.
func Differences(a, b harness.Info) (all []string) {
	for _, tr := range traits {
		if text := tr.difference(a, b); text != "" {
			all = append(all, text)
		}
	}
	return all
}

// identify adds to t refusals and warnings about differences between the two runs. If o.Anyway is
// set, it adds only warnings.
func (t *Table) identify(a, b side, o Options) {
	refuse := func(text, remedy string) {
		if o.Anyway {
			t.Warnings = append(t.Warnings, text)
		} else {
			t.Refusals = append(t.Refusals, text+": "+remedy+"; --anyway compares the runs nevertheless")
		}
	}
	for _, tr := range traits {
		switch text := tr.difference(a.Info, b.Info); {
		case text == "":
		case tr.remedy != "":
			refuse(text, strings.ReplaceAll(tr.remedy, "%s", cmp.Or(tr.of(a.Info), absent)))
		default:
			t.Warnings = append(t.Warnings, text)
		}
	}
	if a.Info.Plan != b.Info.Plan {
		if len(without(a.cells, b.cells))+len(without(b.cells, a.cells)) > 0 {
			refuse(fmt.Sprintf("plan %s / %s", a.Info.Plan, b.Info.Plan), "the suites have different cells; select shared cells with --filter")
		} else {
			t.Warnings = append(t.Warnings, fmt.Sprintf("plan %s / %s", a.Info.Plan, b.Info.Plan))
		}
	}
	for _, text := range otherWork(a, b) {
		refuse(text, "the outputs differ, so the kernels do different work on the two sides; leave this task out by --filter")
	}
	for _, s := range []struct {
		side
		name string
	}{{a, "old"}, {b, "new"}} {
		for i, fault := range s.faults {
			if i == mostFaults {
				refuse(fmt.Sprintf("%s side: %d more invalid samples or values", s.name, len(s.faults)-i), "as above")
				break
			}
			refuse(s.name+" side: "+fault, "remove the line, or measure again")
		}
		if s.Info.Foreign != "" {
			refuse(s.name+" side: doubtful: "+s.Info.Foreign, "measure again")
		}
		t.Warnings = append(t.Warnings, s.warnings(s.name)...)
	}
	if text := sizes(a, b); text != "" {
		t.Warnings = append(t.Warnings, text)
	}
	if names := variables(a.Info.Environment, b.Info.Environment); len(names) > 0 {
		t.Warnings = append(t.Warnings, "environment variables differ: "+strings.Join(names, ", "))
	}
	if a.Folder == b.Folder {
		t.Warnings = append(t.Warnings, "both sides are the same run")
	} else if n := harness.Common(a.Samples, b.Samples); n > 0 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("both sides have the same %s, because one run is a copy of the other", format.Count(n, "launch")))
	}
}

// mostFaults is the largest number of faults per side that a table lists.
const mostFaults = 10

// warnings returns doubts about the measurements of one side. The argument name is "old" or "new".
func (s side) warnings(name string) (all []string) {
	if s.marked+s.starved > 0 {
		all = append(all, fmt.Sprintf("%s side: of %s, %d were contaminated by other work and %d were starved by other processes; starved launches are left out", name, format.Count(s.launches, "launch"), s.marked, s.starved))
	}
	if s.Info.Finished.IsZero() {
		all = append(all, name+" side: the run is in progress, or was killed")
	}
	if strings.HasSuffix(s.Info.Commit, "+dirty") {
		all = append(all, name+" side: payoff was built from uncommitted changes, so the commit does not identify it")
	}
	return all
}

// otherWork returns a text for each task whose jobs computed different outputs on the two sides,
// although the seeds and the numbers of tasks are equal.
func otherWork(a, b side) (all []string) {
	if a.Info.Seed != b.Info.Seed {
		return nil
	}
	jobs := map[harness.Task]harness.Job{}
	for _, j := range a.Info.Jobs {
		jobs[j.Task] = j
	}
	for _, j := range b.Info.Jobs {
		if k, ok := jobs[j.Task]; ok && k.Tasks == j.Tasks && k.Digest != j.Digest {
			all = append(all, fmt.Sprintf("%s: digest %016x / %016x", j.Task, k.Digest, j.Digest))
		}
	}
	return all
}

// sizes returns a warning if the jobs of a cell have different numbers of tasks on the two sides.
// Otherwise it returns "".
func sizes(a, b side) string {
	var differ []string
	for _, c := range shared(a.cells, b.cells) {
		x, y := a.values[c][harness.UnitTasks], b.values[c][harness.UnitTasks]
		if x != nil && y != nil && x.usable()[0] != y.usable()[0] {
			differ = append(differ, c.Name())
		}
	}
	if len(differ) == 0 {
		return ""
	}
	return fmt.Sprintf("the jobs of %s have different numbers of tasks on the two sides; the first cell is %s", format.Count(len(differ), "cell"), differ[0])
}

// variables returns the names of the environment variables whose digests in x and y differ, or that
// only one of the two has. x and y map names to digests.
func variables(x, y map[string]string) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(x)) {
		if y[name] != x[name] {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(y)) {
		if _, ok := x[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}
