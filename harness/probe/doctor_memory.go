package probe

import (
	"fmt"
	"slices"
	"strings"
)

const swapMost = 1024 // KiB in use

func (v *visit) swap() Finding {
	v.keep(v.procErr)
	all, err := v.proc.Swaps()
	v.keep(err)
	var size, used int // in KiB
	for _, a := range all {
		size, used = size+a.Size, used+a.Used
	}
	switch {
	case size == 0:
		return good("none")
	case used > swapMost:
		return wrong("swapoff -a", "%d MiB are swapped out", used>>10)
	}
	return good("%d MiB, not in use", size>>10)
}

func (v *visit) hugePages() Finding {
	const file = "/sys/kernel/mm/transparent_hugepage/enabled"
	text := v.text(file)
	_, chosen, _ := strings.Cut(text, "[")
	chosen, _, ok := strings.Cut(chosen, "]")
	switch {
	case !ok:
		return unknown("%s: %q", file, text)
	case chosen == "always":
		return noted("echo madvise > "+file, "always")
	}
	return good("%s", chosen)
}

// numa checks whether the cores that this process may use belong to several memory nodes (NUMA).
func (v *visit) numa() Finding {
	const dir = "/sys/devices/system/node"
	if _, err := v.read(dir, "online"); missing(err) { // a kernel without nodes
		return good("one node")
	}
	all := v.list("nodes", dir, "online")
	if len(all) < 2 {
		return good("one node")
	}
	v.keep(v.coresErr)
	var nodes, first []string // nodes with usable cores; usable cores of the first such node
	for _, node := range all {
		list := v.list("cores", dir, fmt.Sprintf("node%d", node), "cpulist")
		var here []string
		for _, core := range v.cores {
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
		return wrong(fmt.Sprintf("taskset -c %s payoff run ...", strings.Join(first, ",")),
			"the %d cores that payoff may use belong to %d memory nodes: %s", len(v.cores), len(nodes), strings.Join(nodes, ", "))
	}
	const found = "the cores that payoff may use belong to one of %d memory nodes"
	if moves, err := v.read("/proc/sys/kernel/numa_balancing"); err == nil && moves != "0" {
		return noted("sysctl -w kernel.numa_balancing=0", found+"; the operating system moves pages between them", len(all))
	}
	return noted("", found, len(all))
}
