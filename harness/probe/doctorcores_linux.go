package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

func (s site) governor() (Finding, error) {
	all, err := s.ofEach("cpufreq/scaling_governor")
	if missing(err) {
		return Finding{}, errors.New("the system has no say in how cores are clocked: there is no cpufreq")
	}
	slices.Sort(all)
	f := Finding{Found: strings.Join(slices.Compact(all), ", "), State: Good}
	if f.Found != "performance" {
		f.State, f.Mend = Wrong, "cpupower frequency-set -g performance"
	}
	return f, err
}

func (s site) boost() (Finding, error) {
	for _, way := range []struct{ file, off string }{
		{sysCPU + "/intel_pstate/no_turbo", "1"},
		{sysCPU + "/cpufreq/boost", "0"},
	} {
		switch v, err := s.read(way.file); {
		case missing(err):
			continue
		case err != nil:
			return Finding{}, err
		case v == way.off:
			return Finding{Found: "off", State: Good}, nil
		}
		return Finding{Found: "on", State: Wrong, Mend: fmt.Sprintf("echo %s > %s", way.off, way.file)}, nil
	}
	return Finding{}, errors.New("the system has no say in it: neither intel_pstate nor cpufreq/boost is there")
}

func (s site) smt() (Finding, error) {
	siblings, err := s.ofEach("topology/thread_siblings_list")
	if err != nil {
		return Finding{}, err
	}
	slices.Sort(siblings)
	physical := len(slices.Compact(slices.Clone(siblings)))
	const mend = "echo off > " + sysCPU + "/smt/control"
	switch single := !slices.ContainsFunc(siblings, func(list string) bool { return strings.ContainsAny(list, ",-") }); {
	case physical < len(siblings):
		return Finding{Found: fmt.Sprintf("the %d cores that may be used are hardware threads of %d", len(siblings), physical), State: Wrong, Mend: mend}, nil
	case !single:
		return Finding{Found: "each core that may be used has a sibling that may not, on which others can run", State: Noted, Mend: mend}, nil
	}
	return Finding{Found: "each core is shown as one of its own", State: Good}, nil
}

func (s site) heat() (Finding, error) {
	counts, err := s.ofEach("thermal_throttle/core_throttle_count")
	if missing(err) {
		return Finding{}, errors.New("the system does not count it here")
	}
	if err != nil || !slices.ContainsFunc(counts, func(n string) bool { return n != "0" }) {
		return Finding{Found: "no core was slowed down since the start", State: Good}, err
	}
	return Finding{Found: "cores were slowed down since the start, times each: " + strings.Join(counts, ", "), State: Wrong}, nil
}

func (s site) affinity() (Finding, error) {
	online, err := s.read(sysCPU, "online")
	if err = errors.Join(err, s.coresErr); err != nil {
		return Finding{}, err
	}
	all, err := cpuList(online)
	if err != nil {
		return Finding{}, err
	}
	switch n := len(s.cores); {
	case n < all:
		return Finding{Found: fmt.Sprintf("%d of %d cores may be used", n, all), State: Noted}, nil
	case n == 1:
		return Finding{Found: "there is 1 core, on which nothing runs side by side", State: Noted}, nil
	}
	return Finding{Found: fmt.Sprintf("all %d cores may be used", all), State: Good}, nil
}

// cpuList counts the cores of a list, as "0-3,8".
func cpuList(list string) (n int, err error) {
	all, err := numbers(list)
	if err != nil {
		return 0, fmt.Errorf("%s/online: %q is no list of cores", sysCPU, list)
	}
	return len(all), nil
}

// numbers returns those of a list, as "0-3,8"; none of "".
func numbers(list string) (all []int, err error) {
	if list == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(list, ",") {
		var low, high int
		switch got, _ := fmt.Sscanf(part, "%d-%d", &low, &high); {
		case got == 1:
			high = low
		case got < 1 || high < low:
			return nil, fmt.Errorf("%q is no list of numbers", list)
		}
		for ; low <= high; low++ {
			all = append(all, low)
		}
	}
	return all, nil
}

// pinning says what it means that a process can be kept to cores, or why it cannot.
func pinning(err error) Finding {
	if err != nil {
		return Finding{Found: err.Error(), State: Wrong}
	}
	return Finding{Found: "permitted", State: Good}
}

// counters says what of the hardware's counters could be opened.
func counters(o Observation) Finding {
	var have []string
	for _, e := range hardware() {
		err := o.Absent[e.item]
		switch {
		case err == nil:
			have = append(have, string(e.item))
		case errors.Is(err, fs.ErrPermission):
			return Finding{Found: err.Error(), State: Wrong, Mend: "sysctl -w kernel.perf_event_paranoid=2"}
		default:
			return Finding{Found: err.Error(), State: Noted}
		}
	}
	return Finding{Found: strings.Join(have, ", "), State: Good}
}
