package probe

import (
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/affinity"
)

// ReadLimits returns the limits that the system sets on this process. These include the limits of
// its control group and of all ancestors of this group. If several limits of one kind apply,
// ReadLimits returns the smallest.
func ReadLimits() harness.Limits { return openSite("/", os.Getpid()).limits() }

// policies maps Linux's numbers of scheduling policies to names. The default policy has no name.
var policies = map[uint]string{1: "fifo", 2: "rr", 3: "batch", 5: "idle", 6: "deadline", 7: "ext"}

func (s site) limits() (l harness.Limits) {
	l.Cores = affinity.FormatList(s.cores)
	least := func(limit *int64, n int64) {
		if n > 0 && n < noLimit && (*limit == 0 || n < *limit) {
			*limit = n
		}
	}
	each := func(controller string, read func(dir string)) {
		dirs, _ := s.levels(controller) // without control groups there are no limits
		for _, dir := range dirs {
			read(dir)
		}
	}
	number := func(path ...string) int64 {
		text, _ := s.read(path...)
		n, _ := strconv.ParseInt(text, 10, 64) // "max" is no limit
		return n
	}
	each("cpu", func(dir string) {
		if q, _ := s.quotaIn(dir); q.cores > 0 && (l.CPU == 0 || q.cores < l.CPU) {
			l.CPU = q.cores
		}
	})
	each("memory", func(dir string) {
		for _, file := range []string{"memory.max", "memory.high", "memory.limit_in_bytes"} {
			least(&l.Memory, number(dir, file))
		}
	})
	each("pids", func(dir string) { least(&l.Processes, number(dir, "pids.max")) })
	if p, err := s.proc.Proc(s.pid); err == nil && s.procErr == nil {
		if stat, err := p.Stat(); err == nil {
			l.Nice, l.Policy = stat.Nice, policies[stat.Policy]
		}
		if most, err := p.Limits(); err == nil {
			if most.AddressSpace < math.MaxInt64 {
				least(&l.Space, int64(most.AddressSpace))
			}
			if l.Files = int64(most.OpenFiles); most.OpenFiles > math.MaxInt64 {
				l.Files = -1
			}
			if l.Stack = int64(most.StackSize); most.StackSize > math.MaxInt64 {
				l.Stack = -1
			}
		}
	}
	l.IO = ioWords(s.io, l.Nice)
	own := func(file string) string {
		text, _ := s.read("proc", strconv.Itoa(s.pid), file)
		return text
	}
	if flags, err := strconv.ParseUint(own("personality"), 16, 32); err == nil {
		l.Layout = layoutWords(flags)
	}
	if words := strings.Fields(own("numa_maps")); len(words) > 1 && words[1] != "default" {
		l.Placement = words[1]
	}
	if slack, err := strconv.ParseInt(own("timerslack_ns"), 10, 64); err == nil && slack != usualSlack {
		l.Slack = slack
	}
	return l
}

// usualSlack is the number of ns by which Linux lets timers be late.
const usualSlack = 50_000

// ioClasses holds Linux's names of the classes of input and output, by number.
var ioClasses = [...]string{1: "realtime", 2: "best-effort", 3: "idle"}

// ioWords returns the class and the level of a priority of input and output in words, as ionice
// prints them. It returns "" for the usual priority of a process. The argument priority is the
// result of ioprio_get(2).
func ioWords(priority, nice int) string {
	class, level := priority>>13&7, priority&7
	switch {
	case class <= 0 || class >= len(ioClasses), class == 2 && (level == 4 || level == (nice+20)/5):
		return ""
	case class == 3:
		return ioClasses[class]
	}
	return ioClasses[class] + " " + strconv.Itoa(level)
}

// layoutWords returns the flags of a personality in words; see personality(2). It returns "" for the
// personality of most processes.
func layoutWords(flags uint64) string {
	const fixed = 0x0040000 // ADDR_NO_RANDOMIZE
	switch {
	case flags == 0:
		return ""
	case flags == fixed:
		return "no address randomization"
	}
	return "personality " + strconv.FormatUint(flags, 16)
}
