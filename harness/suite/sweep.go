package suite

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/workloads"
)

// A Sweep describes a suite that compares strategies for one workload: a loop, pools of goroutines
// and worker processes. The tasks have several sizes, to find the size from which each strategy
// pays off.
type Sweep struct {
	Workload string
	Key      string // axis of the sizes: "grain", "batch", or "" if the tasks have one size
	Sizes    []int  // values on this axis; empty if they are not chosen yet
}

// IsSweep reports whether a suite name describes a [Sweep], such as "workload=json".
func IsSweep(name string) bool { return strings.HasPrefix(name, "workload=") }

// String returns the sweep as a suite name, such as "workload=json,grain=30000,120000".
func (s Sweep) String() string {
	text := "workload=" + s.Workload
	for i, n := range s.Sizes {
		if i == 0 {
			text += "," + s.Key + "="
		} else {
			text += ","
		}
		text += strconv.Itoa(n)
	}
	return text
}

// ParseSweep parses a suite name such as "workload=json,grain=30000,120000", which [Sweep.String]
// returns. The table lists the workloads that the name can refer to. If the name contains no sizes,
// the sweep has a Key but no Sizes.
func ParseSweep(name string, table []workloads.Workload) (s Sweep, err error) {
	workload, sizes, given := strings.Cut(strings.TrimPrefix(name, "workload="), ",")
	w, err := harness.Find(table, "workload", workload, func(w workloads.Workload) string { return w.Name })
	if err != nil {
		return s, err
	}
	s = Sweep{Workload: w.Name}
	switch {
	case w.Grains:
		s.Key = "grain"
	case w.Batches():
		s.Key = "batch"
	}
	if !given {
		return s, nil
	}
	key, values, _ := strings.Cut(sizes, "=")
	if s.Key == "" || key != s.Key {
		want := "nothing after the workload"
		if s.Key != "" {
			want = s.Key + "= and sizes, such as " + s.Key + "=1000,4000"
		}
		return s, fmt.Errorf("%s: %q follows workload %s; want %s", name, sizes, w.Name, want)
	}
	for value := range strings.SplitSeq(values, ",") {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return s, fmt.Errorf("%s: %s has %q; write whole numbers from 1 up, such as %s=1000,4000", name, s.Key, value, s.Key)
		}
		s.Sizes = append(s.Sizes, n)
	}
	return s, nil
}

// Bounds on the sizes that [Sweep.Sized] chooses.
const (
	mostSizes   = 4                     // with more sizes, the budget would not be enough for the rounds that a verdict needs
	fewestSizes = 3                     // a line in a chart needs this many
	longTask    = 10 * time.Millisecond // if a task of the first size takes longer, the sweep has only one more size
)

// Sized returns the sweep with sizes of tasks for the workload w. If the sweep has sizes, Sized
// does not change them. The argument work is the time that the kernel takes for one input; Sized
// computes the sizes of batches from it. If work is 0, it is unknown, and the only size of a batch
// is one input.
func (s Sweep) Sized(w workloads.Workload, work time.Duration) Sweep {
	switch finest := max(250, w.Finest); {
	case len(s.Sizes) > 0 || s.Key == "":
	case s.Key == "grain":
		s.Sizes = sizes(finest, time.Duration(finest))
	case work > 0:
		s.Sizes = sizes(1, work)
	default:
		s.Sizes = []int{1}
	}
	return s
}

// sizes returns the sizes of tasks that a sweep measures. The first size is the argument first, and
// the argument task is the time that a task of this size takes. Each further size is 4 times the
// one before. The last size is the first for which a task takes at least [coarseNeed], because
// chunks gain nothing for longer tasks. There are three exceptions:
//
//   - The list has at most mostSizes sizes. If it would then end below half of coarseNeed, the
//     factor is 8 or 16 in place of 4.
//   - If the list would have fewer than fewestSizes sizes, it has fewestSizes sizes, and the factor
//     is 2.
//   - If a task of the first size takes longer than longTask, the list has two sizes, and the
//     factor is 2.
func sizes(first int, task time.Duration) []int {
	if task > longTask {
		return steps(first, 2, 2)
	}
	factor := 4
	for factor < 16 && task*time.Duration(steps(1, factor, mostSizes)[mostSizes-1]) < coarseNeed/2 {
		factor *= 2
	}
	n := 1
	for size := task; size < coarseNeed && n < mostSizes; n++ {
		size *= time.Duration(factor)
	}
	if n < fewestSizes {
		return steps(first, 2, fewestSizes)
	}
	return steps(first, factor, n)
}

// steps returns a list of n numbers. It begins with the argument first, and each further number is
// factor times the one before.
func steps(first, factor, n int) (all []int) {
	for ; n > 0; n-- {
		all = append(all, first)
		first *= factor
	}
	return all
}

// Task returns the task that the sweep measures for the workload w. The task has no size yet.
func (s Sweep) Task(w workloads.Workload) harness.Task {
	const usual = 4 << 10
	t := harness.Task{Workload: w.Name}
	if w.Payloads && w.Smallest > 0 {
		t.Payload = max(usual, w.Smallest)
	}
	if w.Memories {
		t.Memory = max(usual, workloads.MinMemory)
	}
	return t
}

// Suite returns the suite that the sweep describes, for the workload w. The suite compares the
// strategies pool, steal and procs, if they are among the given strategies. If the sweep has no
// sizes, all tasks have one size. The argument work is the time that the kernel takes for one
// input.
func (s Sweep) Suite(w workloads.Workload, strategies []string, work time.Duration) (Suite, error) {
	made, err := Parse(s.Workload+".toml", s.text(w, strategies, work))
	if bad := (*Error)(nil); errors.As(err, &bad) { // the error names a suite file, which does not exist
		err = fmt.Errorf("error in the suite for %s: %s", s, bad.Reason)
	}
	return made, err
}

// budget returns the time budget of the suite. It is less than a minute, unless tasks are so long
// that the rounds for a verdict take longer. The argument work is the time that the kernel takes
// for one input.
func (s Sweep) budget(work time.Duration) time.Duration {
	const (
		usual   = 55 * time.Second
		jobs    = harness.FewestRounds * 5 * 4 // number of jobs of the direct loop that take as long as the rounds
		longest = 500 * time.Millisecond       // longest time of a job, unless two of its tasks take longer
		coarse  = longest / 8
	)
	budget := usual
	for _, n := range s.Sizes {
		task := time.Duration(n)
		if s.Key == "batch" {
			task *= work
		}
		if job := min(64*task, max(longest, 2*task)); job > coarse {
			budget += jobs * job
		}
	}
	return min(budget.Truncate(5*time.Second), MaxBudget)
}

// text returns the TOML text of the suite that the sweep describes.
func (s Sweep) text(w workloads.Workload, strategies []string, work time.Duration) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "question = \"Which strategy pays off for %s, from which task size on?\"\n", w.Name)
	fmt.Fprintf(&b, "rounds = 60\nbudget = %q\nmin-time = \"50ms\"\n\n[[block]]\nworkload = %q\n", s.budget(work), w.Name)
	if len(s.Sizes) > 0 {
		fmt.Fprintf(&b, "%s = [%s]\n", s.Key, strings.Join(strings.Fields(strings.Trim(fmt.Sprint(s.Sizes), "[]")), ", "))
	}
	t := s.Task(w)
	if t.Payload > 0 {
		fmt.Fprintf(&b, "payload = [%d]\n", t.Payload)
	}
	if t.Memory > 0 {
		fmt.Fprintf(&b, "memory = [%d]\n", t.Memory)
	}
	settings := "chunk = [1, \"auto\"]"
	if w.Waits {
		settings = "workers = [4, 16, 64]"
	}
	for _, name := range []string{"pool", "steal", harness.Processes} {
		if slices.Contains(strategies, name) {
			fmt.Fprintf(&b, "\n[[block.cell]]\nstrategy = %q\n%s\n", name, settings)
		}
	}
	return []byte(b.String())
}
