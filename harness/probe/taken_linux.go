package probe

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/affinity"
)

// Taken starts measuring [harness.UnitTaken]: the share of the time of this process's cores that
// other processes take. The tree of this process does not count as other, and neither does server,
// the process that serves the tasks (0 for none). processes says whether this process may have
// processes below it. Call stop once; it returns the share.
//
// The busy time of the cores is the wall time minus the idle time. The kernel knows idle time
// exactly if idle cores take no timer interrupts, but prints it in ticks of 10 ms, so the share is
// off by up to 10 ms over the wall time. The tree's own CPU time is exact. Taken and stop cost as
// much as [OpenMeter].
func Taken(processes bool, server int) (stop func() Observation) {
	t := taken{site: openSite("/", os.Getpid()), tree: openCPU(openTree(processes))}
	if server != 0 {
		cores, err := affinity.Cores(server)
		overlaps := slices.ContainsFunc(cores, func(c int) bool { return slices.Contains(t.cores, c) })
		if err != nil || overlaps { // a server on other cores takes none of these
			t.server.read = func() (amounts, error) { return readCPU(server) }
		}
	}
	if t.server.read == nil {
		t.server.read = func() (amounts, error) { return amounts{}, nil }
	}
	began := time.Now()
	before, err := t.unused()
	t.tree.begin()
	t.server.begin()
	return func() Observation {
		t.tree.end()
		t.server.end()
		after, endErr := t.unused()
		wall := time.Since(began).Seconds() * float64(len(t.cores))
		used := newObservation()
		t.tree.close(used)
		own := (used.Values[harness.UnitCPU] + t.server.sum[run]) / 1e9
		o := newObservation()
		o.put(harness.UnitTaken, min(1, max(0, 1-(after-before+own)/wall)),
			errors.Join(err, endErr, used.Absent[harness.UnitCPU], t.server.err))
		return o
	}
}

// A taken holds the state of [Taken].
type taken struct {
	site
	tree   *cpuGauge
	server stretch
}

// unused returns the time since boot, in seconds, in which the site's cores were idle or stolen.
func (s site) unused() (sum float64, err error) {
	if err := errors.Join(s.procErr, s.coresErr); err != nil {
		return 0, err
	}
	stat, err := s.proc.Stat()
	if err != nil {
		return 0, err
	}
	for _, core := range s.cores {
		c, ok := stat.CPU[int64(core)]
		if !ok {
			return 0, fmt.Errorf("/proc/stat has no line of cpu%d", core)
		}
		sum += c.Idle + c.Iowait + c.Steal
	}
	return sum, nil
}

// Busy waits for d. It returns how many of this process's cores other processes kept busy
// meanwhile, on average.
func Busy(d time.Duration) (cores float64, err error) {
	stop := Taken(false, 0)
	time.Sleep(d)
	o := stop()
	all, err := affinity.Cores(0)
	return o.Values[harness.UnitTaken] * float64(len(all)), errors.Join(o.Absent[harness.UnitTaken], err)
}
