package probe

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness/affinity"
)

func (s site) governor() Finding {
	all, err := s.ofEach("cpufreq/scaling_governor")
	switch {
	case missing(err):
		return unknown(errors.New("the system has no say in how cores are clocked: there is no cpufreq"))
	case err != nil:
		return unknown(err)
	}
	slices.Sort(all)
	if names := strings.Join(slices.Compact(all), ", "); names != "performance" {
		return wrong("cpupower frequency-set -g performance", "%s", names)
	}
	return good("performance")
}

func (s site) boost() Finding {
	for _, way := range []struct{ file, off string }{
		{sysCPU + "/intel_pstate/no_turbo", "1"},
		{sysCPU + "/cpufreq/boost", "0"},
	} {
		switch v, err := s.read(way.file); {
		case missing(err):
		case err != nil:
			return unknown(err)
		case v == way.off:
			return good("off")
		default:
			return wrong(fmt.Sprintf("echo %s > %s", way.off, way.file), "on")
		}
	}
	return unknown(errors.New("the system has no say in it: neither intel_pstate nor cpufreq/boost is there"))
}

func (s site) smt() Finding {
	siblings, err := s.ofEach("topology/thread_siblings_list")
	if err != nil {
		return unknown(err)
	}
	slices.Sort(siblings)
	physical := slices.Compact(slices.Clone(siblings))
	const mend = "echo off > " + sysCPU + "/smt/control"
	switch {
	case len(physical) < len(siblings):
		return wrong(mend, "the %d cores that may be used are hardware threads of %d", len(siblings), len(physical))
	case strings.ContainsAny(strings.Join(siblings, ""), ",-"):
		return noted(mend, "each core that may be used has a sibling that may not, on which others can run")
	}
	return good("each core is shown as one of its own")
}

func (s site) heat() Finding {
	counts, err := s.ofEach("thermal_throttle/core_throttle_count")
	switch {
	case missing(err):
		return unknown(errors.New("the system does not count it here"))
	case err != nil:
		return unknown(err)
	case slices.ContainsFunc(counts, func(n string) bool { return n != "0" }):
		return wrong("", "cores were slowed down since the start, times each: %s", strings.Join(counts, ", "))
	}
	return good("no core was slowed down since the start")
}

func (s site) affinity() Finding {
	online, err := s.read(sysCPU, "online")
	if err = errors.Join(err, s.coresErr); err != nil {
		return unknown(err)
	}
	all, err := affinity.ParseList(online)
	switch {
	case err != nil:
		return unknown(fmt.Errorf("%s/online: %q is no list of cores", sysCPU, online))
	case len(s.cores) < len(all):
		return noted("", "%d of %d cores may be used", len(s.cores), len(all))
	case len(s.cores) == 1:
		return noted("", "there is 1 core, on which nothing runs side by side")
	}
	return good("all %d cores may be used", len(all))
}

// pinning says what it means that a launch can be kept to cores, or why it cannot.
func (s site) pinning() Finding {
	switch err := s.pin(); {
	case err == nil:
		return good("permitted")
	case errors.Is(err, errors.ErrUnsupported):
		return noted("", "%v", err)
	default:
		return wrong("", "%v", err)
	}
}

func (s site) clock() Finding {
	const dir = "/sys/devices/system/clocksource/clocksource0"
	now, err := s.read(dir, "current_clocksource")
	if err != nil {
		return unknown(err)
	}
	if slices.Contains([]string{"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"}, now) {
		return good("%s", now) // read without entering the kernel
	}
	have, err := s.read(dir, "available_clocksource")
	switch {
	case err != nil:
		return unknown(err)
	case slices.Contains(strings.Fields(have), "tsc"):
		return wrong("echo tsc > "+dir+"/current_clocksource", "%s", now)
	}
	return wrong("", "%s", now)
}

// power looks at batteries, and at how much the firmware is told to save.
func (s site) power() Finding {
	const dir, profile = "/sys/class/power_supply", "/sys/firmware/acpi/platform_profile"
	supplies, err := os.ReadDir(filepath.Join(s.root, dir))
	if err != nil && !missing(err) {
		return unknown(err)
	}
	found := "no battery"
	for _, entry := range supplies {
		supply := entry.Name()
		if kind, err := s.read(dir, supply, "type"); err != nil || kind != "Battery" {
			continue
		}
		found = "not on battery"
		// Batteries of a mouse say so by their scope.
		scope, _ := s.read(dir, supply, "scope")
		if status, _ := s.read(dir, supply, "status"); status == "Discharging" && scope != "Device" {
			return wrong("", "%s is discharging: plug the mains in", supply)
		}
	}
	switch told, err := s.read(profile); {
	case err != nil || told == "performance":
		return good("%s", found)
	case told == "low-power" || told == "quiet":
		return wrong("echo performance > "+profile, "%s; the firmware's profile is %s", found, told)
	default:
		return noted("echo performance > "+profile, "%s; the firmware's profile is %s", found, told)
	}
}
