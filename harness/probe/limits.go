package probe

import (
	"math"
	"os"
	"strconv"

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
		if most, err := p.Limits(); err == nil && most.AddressSpace < math.MaxInt64 {
			least(&l.Space, int64(most.AddressSpace))
		}
	}
	return l
}
