package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/procfs"

	"github.com/payoff-bench/payoff/harness/affinity"
)

// Doctor looks for what makes timings on this machine noisy. It changes nothing and takes
// some ms. What cannot be read is Unknown, with the reason.
func Doctor(pinned error) []Finding {
	pid := os.Getpid()
	s := site{root: "/", pid: pid}
	s.cores, s.coresErr = affinity.Cores(pid)
	looks := s.looks()
	looks["pinning"] = func() (Finding, error) { return pinning(pinned), nil }
	looks["counters"] = func() (Finding, error) {
		o := newObservation()
		openCounters(openTree(false)).close(o)
		return counters(o), nil
	}
	looks["hypervisor"] = func() (Finding, error) { return virtual(hypervisor()) }
	return findings(looks)
}

// What is too much.
const (
	loadMost     = 0.5  // threads that run beside a measurement, on average over a minute
	pressureMost = 1.0  // % of the time in which a thread waited for a core
	swapMost     = 1024 // KiB in use
	stealMost    = 0.01 // of the time that cores worked or wanted to
)

// A site is a machine as its files describe it, for the process pid.
type site struct {
	root     string // "/", except in tests
	pid      int
	cores    []int // that the process may use
	coresErr error
}

// looks are those that files tell of.
func (s site) looks() map[string]look {
	return map[string]look{
		"governor": s.governor, "boost": s.boost, "smt": s.smt, "heat": s.heat,
		"load": s.load, "pressure": s.pressure, "steal": s.steal,
		"quota": s.quota, "memory": s.memory, "numa": s.numa, "power": s.power, "affinity": s.affinity, "clock": s.clock, "swap": s.swap, "huge pages": s.hugePages,
	}
}

// read returns a file's text without blanks around it; path is from the root.
func (s site) read(path ...string) (string, error) {
	b, err := os.ReadFile(filepath.Join(s.root, filepath.Join(path...)))
	return strings.TrimSpace(string(b)), err
}

func (s site) proc() (procfs.FS, error) { return procfs.NewFS(filepath.Join(s.root, "proc")) }

const sysCPU = "/sys/devices/system/cpu"

// ofEach reads a file of each core that may be used.
func (s site) ofEach(file string) (values []string, err error) {
	if s.coresErr != nil {
		return nil, s.coresErr
	}
	for _, core := range s.cores {
		v, err := s.read(sysCPU, fmt.Sprintf("cpu%d", core), file)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

func (s site) load() (Finding, error) {
	proc, err := s.proc()
	if err != nil {
		return Finding{}, err
	}
	l, err := proc.LoadAvg()
	if err != nil {
		return Finding{}, err
	}
	f := Finding{Found: fmt.Sprintf("%.2f threads wanted to run in the last minute, %.2f in the last five", l.Load1, l.Load5), State: Good}
	if l.Load1 > loadMost {
		f.State, f.Mend = Wrong, "ps -eo pcpu,pid,args --sort=-pcpu | head"
	}
	return f, nil
}

func (s site) pressure() (Finding, error) {
	proc, err := s.proc()
	if err != nil {
		return Finding{}, err
	}
	p, err := proc.PSIStatsForResource("cpu")
	switch {
	case err != nil:
		return Finding{Found: fmt.Sprintf("not counted: %v; the kernel's parameter psi=1 makes it so", err), State: Noted}, nil
	case p.Some == nil:
		return Finding{}, errors.New("/proc/pressure/cpu has no line of some")
	}
	f := Finding{Found: fmt.Sprintf("counted; a thread waited for a core in %.1f %% of the last 10 s", p.Some.Avg10), State: Good}
	if p.Some.Avg10 > pressureMost {
		f.State = Wrong
	}
	return f, nil
}

func (s site) steal() (Finding, error) {
	proc, err := s.proc()
	if err = errors.Join(err, s.coresErr); err != nil {
		return Finding{}, err
	}
	stat, err := proc.Stat()
	if err != nil {
		return Finding{}, err
	}
	var stolen, wanted float64
	for _, core := range s.cores {
		c, ok := stat.CPU[int64(core)]
		if !ok {
			return Finding{}, fmt.Errorf("/proc/stat has no line of cpu%d", core)
		}
		stolen += c.Steal
		wanted += c.User + c.Nice + c.System + c.IRQ + c.SoftIRQ + c.Steal // guests' time is in the user's
	}
	share := stolen / max(wanted, 1e-9)
	f := Finding{Found: fmt.Sprintf("%.1f %% of the time in which cores worked or wanted to, since the start", 100*share), State: Good}
	if share > stealMost {
		f.State = Wrong
	}
	return f, nil
}

func (s site) clock() (Finding, error) {
	const dir = "/sys/devices/system/clocksource/clocksource0"
	now, err := s.read(dir, "current_clocksource")
	if err != nil {
		return Finding{}, err
	}
	f := Finding{Found: now, State: Good}
	if slices.Contains([]string{"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"}, now) {
		return f, nil // read without entering the kernel
	}
	f.State = Wrong
	have, err := s.read(dir, "available_clocksource")
	if slices.Contains(strings.Fields(have), "tsc") {
		f.Mend = "echo tsc > " + dir + "/current_clocksource"
	}
	return f, err
}

func (s site) swap() (Finding, error) {
	proc, err := s.proc()
	if err != nil {
		return Finding{}, err
	}
	all, err := proc.Swaps()
	if err != nil {
		return Finding{}, err
	}
	var size, used int // in KiB
	for _, a := range all {
		size, used = size+a.Size, used+a.Used
	}
	switch {
	case size == 0:
		return Finding{Found: "none", State: Good}, nil
	case used > swapMost:
		return Finding{Found: fmt.Sprintf("%d MiB are swapped out", used>>10), State: Wrong, Mend: "swapoff -a"}, nil
	}
	return Finding{Found: fmt.Sprintf("%d MiB, not in use", size>>10), State: Good}, nil
}

func (s site) hugePages() (Finding, error) {
	const file = "/sys/kernel/mm/transparent_hugepage/enabled"
	text, err := s.read(file)
	_, chosen, _ := strings.Cut(text, "[")
	chosen, _, ok := strings.Cut(chosen, "]")
	switch {
	case err != nil:
		return Finding{}, err
	case !ok:
		return Finding{}, fmt.Errorf("%s: %q", file, text)
	case chosen == "always":
		return Finding{Found: chosen, State: Noted, Mend: "echo madvise > " + file}, nil
	}
	return Finding{Found: chosen, State: Good}, nil
}
