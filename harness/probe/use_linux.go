package probe

import (
	"errors"
	"fmt"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// A use is what a process or thread has taken of the kernel so far.
type use struct {
	voluntary, involuntary uint64
	minor, major           uint64
	waited                 uint64 // ns
}

func (u use) plus(v use) use {
	return use{u.voluntary + v.voluntary, u.involuntary + v.involuntary, u.minor + v.minor, u.major + v.major, u.waited + v.waited}
}

// since returns u less v, which came before; what is lost, as with a thread that ended, is 0.
func (u use) since(v use) use {
	less := func(a, b uint64) uint64 { return a - min(a, b) }
	return use{less(u.voluntary, v.voluntary), less(u.involuntary, v.involuntary), less(u.minor, v.minor), less(u.major, v.major), less(u.waited, v.waited)}
}

// A useGauge observes switches, faults and run-queue wait: this process's own from begin to
// end, but for the wait; the rest from its opening to its close.
type useGauge struct {
	tree   *tree
	before use // the stretch
	total  use
	ended  use         // processes that had ended when it was opened
	below  map[int]use // processes and threads below this one, when it was opened
	waited map[int]uint64
	err    error
}

func openUse(t *tree) *useGauge {
	g := &useGauge{tree: t}
	var e error
	g.ended, g.err = usage(unix.RUSAGE_CHILDREN)
	g.below, g.waited, e = useOf(t)
	g.err = errors.Join(g.err, e)
	return g
}

func (g *useGauge) begin() { g.before = g.own() }
func (g *useGauge) end()   { g.total = g.total.plus(g.own().since(g.before)) }

func (g *useGauge) own() use {
	u, err := usage(unix.RUSAGE_SELF)
	if g.err == nil {
		g.err = err
	}
	return u
}

func (g *useGauge) close(o Observation) {
	below, waited, err := useOf(g.tree)
	err = errors.Join(g.err, err)
	if e := g.tree.same(); e != nil {
		err = e // the reason of the others
	}
	for id, u := range below {
		g.total = g.total.plus(u.since(g.below[id]))
	}
	for id, w := range waited {
		g.total.waited += w - min(w, g.waited[id])
	}
	lost := err // of processes that ended, nobody knows how long they waited
	if ended, e := usage(unix.RUSAGE_CHILDREN); g.tree.processes {
		ended = ended.since(g.ended)
		g.total, err = g.total.plus(ended), errors.Join(err, e)
		if lost = err; ended != (use{}) && lost == nil {
			lost = errors.New("run-queue wait: processes ended meanwhile, and theirs is not kept")
		}
	}
	o.put(Voluntary, float64(g.total.voluntary), err)
	o.put(Involuntary, float64(g.total.involuntary), err)
	o.put(MinorFaults, float64(g.total.minor), err)
	o.put(MajorFaults, float64(g.total.major), err)
	o.put(Waited, float64(g.total.waited), lost)
}

// usage reads what this process has used, or the processes that it waited for.
func usage(who int) (use, error) {
	u, err := rusage(who)
	return use{voluntary: uint64(u.Nvcsw), involuntary: uint64(u.Nivcsw), minor: uint64(u.Minflt), major: uint64(u.Majflt)}, err
}

// useOf reads what each process below this one has used, its faults under its pid and its
// switches under those of its threads, and how long each thread of the tree has waited.
func useOf(t *tree) (below map[int]use, waited map[int]uint64, err error) {
	below, waited = map[int]use{}, map[int]uint64{}
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return nil, nil, err
	}
	for _, pid := range append([]int{t.self}, t.below...) {
		threads, err := fs.AllThreads(pid)
		if err != nil {
			return nil, nil, fmt.Errorf("threads of process %d: %w", pid, err)
		}
		for _, th := range threads {
			stat, err := th.Schedstat()
			if err == nil {
				waited[th.PID] = stat.WaitingNanoseconds
			}
			if err == nil && pid != t.self {
				var s procfs.ProcStatus
				s, err = th.NewStatus()
				below[th.PID] = use{voluntary: s.VoluntaryCtxtSwitches, involuntary: s.NonVoluntaryCtxtSwitches}
			}
			if err != nil && !gone(err) {
				return nil, nil, fmt.Errorf("thread %d: %w", th.PID, err)
			}
		}
		if pid == t.self {
			continue
		}
		proc, err := fs.Proc(pid)
		if err == nil {
			var s procfs.ProcStat
			s, err = proc.Stat()
			u := below[pid] // its first thread has its number
			u.minor, u.major = uint64(s.MinFlt), uint64(s.MajFlt)
			below[pid] = u
		}
		if err != nil {
			return nil, nil, fmt.Errorf("process %d: %w", pid, err)
		}
	}
	return below, waited, nil
}
