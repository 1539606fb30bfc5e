package harness

import "fmt"

// A Limits holds the limits that the system sets on a run and its launches, such as the cores that
// they may use. A field is zero if its limit does not exist or cannot be read.
type Limits struct {
	Cores     string  `json:",omitempty"` // cores of the affinity mask, as "0-3,8"; "" if unknown
	CPU       float64 `json:",omitempty"` // number of cores whose time the quotas of control groups allow
	Memory    int64   `json:",omitempty"` // bytes of memory that control groups allow
	Processes int64   `json:",omitempty"` // number of processes and threads that control groups allow
	Space     int64   `json:",omitempty"` // bytes of address space of a process, as ulimit -v sets it
	Nice      int     `json:",omitempty"` // nice value of the process: its scheduling priority
	Policy    string  `json:",omitempty"` // scheduling policy, such as "idle"; "" for the default policy
	Files     int64   `json:",omitempty"` // open files of a process, as ulimit -n sets it; -1 if unlimited
	Stack     int64   `json:",omitempty"` // bytes of a stack, as ulimit -s sets it; -1 if unlimited
	IO        string  `json:",omitempty"` // class and level of input and output, such as "best-effort 7"; "" for the default
	Layout    string  `json:",omitempty"` // flags of the personality, such as "no address randomization"; "" for none
	Placement string  `json:",omitempty"` // memory policy, such as "bind:1"; "" for the default
	Slack     int64   `json:",omitempty"` // ns by which timers may be late; 0 for the default of 50 µs
}

// UsualStack is the size of a stack on most systems. [Limits.Words] does not mention it.
const UsualStack = 8 << 20

// Usable returns how many of the given number of cores a launch can keep busy under the CPU quota:
// the quota rounded down to whole cores, but at least 1. A launch that keeps more cores busy uses
// up its quota in every period, and the kernel stops it until the next period.
func (l Limits) Usable(cores int) int {
	if l.CPU > 0 {
		return min(cores, max(1, int(l.CPU)))
	}
	return cores
}

// Words returns a text for each limit, such as "cores 0-1" and "CPU time of 1.5 cores (quota)".
func (l Limits) Words() (words []string) {
	add := func(has bool, form string, args ...any) {
		if has {
			words = append(words, fmt.Sprintf(form, args...))
		}
	}
	add(l.Cores != "", "cores %s", l.Cores)
	add(l.Nice != 0, "nice value %d", l.Nice)
	add(l.Policy != "", "scheduling policy %s", l.Policy)
	add(l.CPU > 0, "CPU time of %.3g cores (quota)", l.CPU)
	add(l.Memory > 0, "%d MiB of memory", l.Memory>>20)
	add(l.Processes > 0, "%d processes and threads", l.Processes)
	add(l.Space > 0, "%d MiB of address space per process", l.Space>>20)
	add(l.Files > 0, "%d open files per process", l.Files)
	add(l.Files < 0, "open files without a limit")
	add(l.Stack > 0 && l.Stack != UsualStack, "%d KiB per stack", l.Stack>>10)
	add(l.Stack < 0, "stacks of unlimited size")
	add(l.IO != "", "%s input and output", l.IO)
	add(l.Layout != "", "%s", l.Layout)
	add(l.Placement != "", "memory policy %s", l.Placement)
	add(l.Slack > 0, "timers up to %d ns late", l.Slack)
	return words
}
