package probe

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// memory looks at the limits of memory at every level of control groups.
func (s site) memory() (Finding, error) {
	proc, err := s.proc()
	if err != nil {
		return Finding{}, err
	}
	groups, mounts, err := groupsOf(proc, s.pid)
	if err != nil {
		return Finding{}, err
	}
	dirs, err := levels(groups, mounts, "memory")
	if err != nil {
		return Finding{}, err
	}
	var limits, mends []string
	f := Finding{State: Good}
	for _, dir := range dirs {
		for _, way := range []struct{ file, off, events string }{
			{"memory.max", "max", "max"}, {"memory.high", "max", "high"}, // version 2
			{"memory.limit_in_bytes", "-1", ""}, // version 1
		} {
			bytes, err := s.bytes(filepath.Join(dir, way.file))
			if err != nil {
				return Finding{}, err
			}
			if bytes >= noLimit {
				continue
			}
			reached := s.reached(dir, way.events)
			times := "never reached"
			f.State = max(f.State, Noted)
			if reached > 0 {
				times, f.State = fmt.Sprintf("reached %d times", reached), Wrong
			}
			limits = append(limits, fmt.Sprintf("%s may hold %d MiB, %s", dir, bytes>>20, times))
			mends = append(mends, fmt.Sprintf("echo %s > %s", way.off, filepath.Join(dir, way.file)))
		}
	}
	none := fmt.Sprintf("no limit at the %d levels that can be seen from here", len(dirs))
	if len(dirs) == 1 {
		none = "no limit at the one level that can be seen from here"
	}
	f.Found, f.Mend = cmp.Or(strings.Join(limits, "; "), none), strings.Join(mends, "; ")
	return f, nil
}

// noLimit is more than there is: how version 1 writes that there is none.
const noLimit = int64(1) << 60

// bytes reads a limit; a file that is not there, as at the root, has none.
func (s site) bytes(file string) (int64, error) {
	text, err := s.read(file)
	if missing(err) || text == "max" {
		return noLimit, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %q is no limit", file, text)
	}
	return n, nil
}

// reached returns how often a group came to a limit: version 2 counts each kind of event,
// version 1 one. What cannot be read was not seen.
func (s site) reached(dir, event string) int {
	if event == "" {
		text, _ := s.read(dir, "memory.failcnt")
		n, _ := strconv.Atoi(text)
		return n
	}
	text, _ := s.read(dir, "memory.events")
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), event+" "); ok {
			n, _ := strconv.Atoi(value)
			return n
		}
	}
	return 0
}

// numa looks at which nodes the cores lie on.
func (s site) numa() (Finding, error) {
	const dir = "/sys/devices/system/node"
	online, err := s.read(dir, "online")
	if missing(err) { // a kernel without them
		return Finding{Found: "one node", State: Good}, nil
	}
	all, e := numbers(online)
	if err = errors.Join(err, e, s.coresErr); err != nil {
		return Finding{}, err
	}
	if len(all) < 2 {
		return Finding{Found: "one node", State: Good}, nil
	}
	var nodes, first []string // those of the cores, and the cores of the first of them
	for _, node := range all {
		text, err := s.read(dir, fmt.Sprintf("node%d", node), "cpulist")
		list, e := numbers(text)
		if err = errors.Join(err, e); err != nil {
			return Finding{}, err
		}
		var here []string
		for _, core := range s.cores {
			if slices.Contains(list, core) {
				here = append(here, fmt.Sprint(core))
			}
		}
		if len(here) > 0 {
			nodes = append(nodes, fmt.Sprint(node))
		}
		if first == nil {
			first = here
		}
	}
	if len(nodes) > 1 {
		return Finding{
			Found: fmt.Sprintf("the %d cores that may be used lie on %d nodes: %s", len(s.cores), len(nodes), strings.Join(nodes, ", ")),
			State: Wrong, Mend: fmt.Sprintf("taskset -c %s payoff run ...", strings.Join(first, ",")),
		}, nil
	}
	f := Finding{Found: fmt.Sprintf("the cores that may be used lie on one of %d nodes", len(all)), State: Noted}
	if moves, err := s.read("/proc/sys/kernel/numa_balancing"); err == nil && moves != "0" {
		f.Found += "; the kernel moves pages between them"
		f.Mend = "sysctl -w kernel.numa_balancing=0"
	}
	return f, nil
}

// power looks at batteries, and at what the firmware is told to save.
func (s site) power() (Finding, error) {
	const dir, profile = "/sys/class/power_supply", "/sys/firmware/acpi/platform_profile"
	supplies, err := os.ReadDir(filepath.Join(s.root, dir))
	if err != nil && !missing(err) {
		return Finding{}, err
	}
	batteries := 0
	for _, supply := range supplies {
		if kind, err := s.read(dir, supply.Name(), "type"); err != nil || kind != "Battery" {
			continue
		}
		batteries++
		// Batteries of a mouse say so by their scope.
		scope, _ := s.read(dir, supply.Name(), "scope")
		if status, _ := s.read(dir, supply.Name(), "status"); status == "Discharging" && scope != "Device" {
			return Finding{Found: supply.Name() + " is discharging: plug the mains in", State: Wrong}, nil
		}
	}
	f := Finding{Found: "no battery", State: Good}
	if batteries > 0 {
		f.Found = "not on battery"
	}
	if told, err := s.read(profile); err == nil && told != "performance" {
		f.Found += "; the firmware's profile is " + told
		f.State, f.Mend = Noted, "echo performance > "+profile
		if told == "low-power" || told == "quiet" {
			f.State = Wrong
		}
	}
	return f, nil
}
