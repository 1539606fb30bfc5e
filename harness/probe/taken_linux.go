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

// Taken starts to measure [harness.UnitTaken]: the share of core time that other processes take, on
// the cores that this process may use. The function stop ends the measurement and returns the
// share; call it once. Other processes are all except this process, its descendants and the servers
// that tasks or executors call. The argument servers has the process ids of these servers. The flag
// processes says whether this process may have descendants.
//
// Taken computes the time of other processes as the busy time of the cores (wall time minus idle
// time), minus the CPU time of this process, its descendants and the servers. The kernel measures
// idle time exactly if idle cores take no timer interrupts. But it reports the idle time in ticks
// of 10 ms, so the time of other processes has an error of up to 10 ms per core. Taken and stop
// take as long as [OpenMeter].
func Taken(processes bool, servers ...int) (stop func() Observation) {
	t := taken{site: openSite("/", os.Getpid()), tree: openCPU(openTree(processes))}
	servers = slices.DeleteFunc(slices.Clone(servers), func(server int) bool {
		cores, err := affinity.Cores(server)
		overlaps := slices.ContainsFunc(cores, func(c int) bool { return slices.Contains(t.cores, c) })
		return err == nil && !overlaps // a server on other cores takes none of these
	})
	t.server.read = func() (amounts, error) { return sumCPU(servers) }
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

// A taken is a running measurement that the function [Taken] has started.
type taken struct {
	site
	tree   *cpuGauge
	server stretch
}

// unused returns the time since boot in which the site's cores were idle or taken by the
// hypervisor. It is in seconds, summed over the cores.
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

// Busy observes, for the time d, the cores that this process may use. It returns how many of these
// cores other processes kept busy, on average.
func Busy(d time.Duration) (cores float64, err error) {
	stop := Taken(false)
	time.Sleep(d)
	o := stop()
	all, err := affinity.Cores(0)
	return o.Values[harness.UnitTaken] * float64(len(all)), errors.Join(o.Absent[harness.UnitTaken], err)
}
