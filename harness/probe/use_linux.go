package probe

import (
	"errors"
	"fmt"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
)

// Indexes in the amounts that a [useGauge] reads.
const (
	voluntary = iota
	involuntary
	minor
	major
	waited
)

// A useGauge measures context switches, page faults and run-queue wait. It counts the context
// switches and page faults of this process between each call of begin and the next call of end. It
// counts everything else from its opening to its close.
type useGauge struct {
	stretch
	tree  *tree
	ended amounts         // at opening: what the ended child processes had used
	rest  map[int]amounts // at opening: result of useOf
	opErr error
}

func openUse(t *tree) *useGauge {
	g := &useGauge{tree: t}
	g.read = func() (amounts, error) { return usage(unix.RUSAGE_SELF) }
	ended, err := usage(unix.RUSAGE_CHILDREN)
	rest, e := useOf(t)
	g.ended, g.rest, g.opErr = ended, rest, errors.Join(err, e)
	return g
}

func (g *useGauge) close(o Observation) {
	rest, err := useOf(g.tree)
	err = errors.Join(g.opErr, g.err, err)
	if e := g.tree.same(); e != nil {
		err = e // explains the other errors
	}
	total := g.sum
	for id, u := range rest {
		total = total.plus(u.since(g.rest[id]))
	}
	lost := err // the kernel drops the wait of processes that end
	if ended, e := usage(unix.RUSAGE_CHILDREN); g.tree.processes {
		ended = ended.since(g.ended)
		total, err = total.plus(ended), errors.Join(err, e)
		if lost = err; ended != (amounts{}) && lost == nil {
			lost = errors.New("run-queue wait: processes ended during the measurement, and the operating system does not keep the wait of an ended process")
		}
	}
	for i, item := range []string{voluntary: harness.UnitVoluntary, involuntary: harness.UnitInvoluntary, minor: harness.UnitMinor, major: harness.UnitMajor} {
		o.put(item, total[i], err)
	}
	o.put(harness.UnitWaited, total[waited], lost)
}

// usage returns the context switches and page faults of this process, or those of its ended child
// processes that it has waited for. The argument who selects the processes, as in getrusage(2).
func usage(who int) (amounts, error) {
	u, err := rusage(who)
	return amounts{voluntary: float64(u.Nvcsw), involuntary: float64(u.Nivcsw), minor: float64(u.Minflt), major: float64(u.Majflt)}, err
}

// useOf returns the amounts of resources that each thread of the tree has used so far, keyed by
// thread id: the run-queue wait and, for threads of descendants, the context switches. The page
// faults of a descendant are counted for its first thread, whose id is the process id.
func useOf(t *tree) (map[int]amounts, error) {
	all := map[int]amounts{}
	for _, pid := range append([]int{t.self}, t.below...) {
		threads, err := procfs.AllThreads(pid)
		if err != nil {
			return nil, fmt.Errorf("threads of process %d: %w", pid, err)
		}
		for _, th := range threads {
			var u amounts
			stat, err := th.Schedstat()
			u[waited] = float64(stat.WaitingNanoseconds)
			if err == nil && pid != t.self {
				var s procfs.ProcStatus
				s, err = th.NewStatus()
				u[voluntary], u[involuntary] = float64(s.VoluntaryCtxtSwitches), float64(s.NonVoluntaryCtxtSwitches)
			}
			if err != nil && !gone(err) {
				return nil, fmt.Errorf("thread %d: %w", th.PID, err)
			}
			all[th.PID] = u
		}
		if pid == t.self {
			continue
		}
		s, err := statOf(pid)
		if err != nil {
			return nil, fmt.Errorf("process %d: %w", pid, err)
		}
		u := all[pid]
		u[minor], u[major] = float64(s.MinFlt), float64(s.MajFlt)
		all[pid] = u
	}
	return all, nil
}
