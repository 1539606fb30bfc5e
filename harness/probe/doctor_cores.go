package probe

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func (v *visit) governor() Finding {
	all := v.each("cpufreq/scaling_governor", "the system does not control core frequencies: there is no cpufreq")
	slices.Sort(all)
	if names := strings.Join(slices.Compact(all), ", "); names != "performance" {
		return wrong("cpupower frequency-set -g performance", "%s", names)
	}
	return good("performance")
}

func (v *visit) boost() Finding {
	for _, way := range []struct{ file, off string }{
		{sysCPU + "/intel_pstate/no_turbo", "1"},
		{sysCPU + "/cpufreq/boost", "0"},
	} {
		text, err := v.read(way.file)
		if missing(err) {
			continue
		}
		v.keep(err)
		if text == way.off {
			return good("off")
		}
		return wrong(fmt.Sprintf("echo %s > %s", way.off, way.file), "on")
	}
	return unknown("the system does not report whether boost is on: it has neither intel_pstate nor cpufreq/boost")
}

func (v *visit) smt() Finding {
	siblings := v.each("topology/thread_siblings_list", "")
	slices.Sort(siblings)
	physical := slices.Compact(slices.Clone(siblings))
	const mend = "echo off > " + sysCPU + "/smt/control"
	switch {
	case len(physical) < len(siblings):
		return wrong(mend, "the %d CPUs that payoff may use are hardware threads of only %d physical cores", len(siblings), len(physical))
	case strings.ContainsAny(strings.Join(siblings, ""), ",-"):
		return noted(mend, "each core that payoff may use has a sibling hardware thread that only other programs may use")
	}
	return good("each core appears as a separate physical core")
}

func (v *visit) heat() Finding {
	counts := v.each("thermal_throttle/core_throttle_count", "the system does not count thermal slow-downs")
	if slices.ContainsFunc(counts, func(n string) bool { return n != "0" }) {
		return wrong("", "cores were slowed down since boot, this many times per core: %s", strings.Join(counts, ", "))
	}
	return good("no core was slowed down since boot")
}

func (v *visit) affinity() Finding {
	v.keep(v.coresErr)
	all := v.list("cores", sysCPU, "online")
	switch {
	case len(v.cores) < len(all):
		return noted("", "payoff may use %d of %d cores", len(v.cores), len(all))
	case len(v.cores) == 1:
		return noted("", "there is only 1 core, so nothing runs in parallel")
	}
	return good("payoff may use all %d cores", len(all))
}

// pinning checks whether this process can pin launches to cores.
func (v *visit) pinning() Finding {
	switch err := v.pin(); {
	case err == nil:
		return good("permitted")
	case errors.Is(err, errors.ErrUnsupported):
		return noted("", "%v", err)
	default:
		return wrong("", "%v", err)
	}
}

func (v *visit) clock() Finding {
	const dir = "/sys/devices/system/clocksource/clocksource0"
	now := v.text(dir, "current_clocksource")
	switch {
	case slices.Contains([]string{"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"}, now):
		return good("%s", now) // readable without a system call
	case slices.Contains(strings.Fields(v.text(dir, "available_clocksource")), "tsc"):
		return wrong("echo tsc > "+dir+"/current_clocksource", "%s", now)
	}
	return wrong("", "%s", now)
}

// power checks whether the machine runs on battery, and whether its firmware uses a power profile
// that makes cores slower.
func (v *visit) power() Finding {
	const dir, profile = "/sys/class/power_supply", "/sys/firmware/acpi/platform_profile"
	supplies, err := os.ReadDir(filepath.Join(v.root, dir))
	if !missing(err) {
		v.keep(err)
	}
	found := "no battery"
	for _, entry := range supplies {
		supply := entry.Name()
		if kind, err := v.read(dir, supply, "type"); err != nil || kind != "Battery" {
			continue
		}
		found = "not on battery"
		// Batteries of devices such as a mouse have the scope Device.
		scope, _ := v.read(dir, supply, "scope")
		if status, _ := v.read(dir, supply, "status"); status == "Discharging" && scope != "Device" {
			return wrong("", "%s is discharging: plug in the power supply", supply)
		}
	}
	switch told, err := v.read(profile); {
	case err != nil || told == "performance":
		return good("%s", found)
	case told == "low-power" || told == "quiet":
		return wrong("echo performance > "+profile, "%s; the firmware's profile is %s", found, told)
	default:
		return noted("echo performance > "+profile, "%s; the firmware's profile is %s", found, told)
	}
}
