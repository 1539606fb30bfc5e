package probe

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness/affinity"
)

const swapMost = 1024 // KiB in use

func (s site) swap() Finding {
	if s.procErr != nil {
		return unknown(s.procErr)
	}
	all, err := s.proc.Swaps()
	if err != nil {
		return unknown(err)
	}
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

func (s site) hugePages() Finding {
	const file = "/sys/kernel/mm/transparent_hugepage/enabled"
	text, err := s.read(file)
	_, chosen, _ := strings.Cut(text, "[")
	chosen, _, ok := strings.Cut(chosen, "]")
	switch {
	case err != nil:
		return unknown(err)
	case !ok:
		return unknown(fmt.Errorf("%s: %q", file, text))
	case chosen == "always":
		return noted("echo madvise > "+file, "always")
	}
	return good("%s", chosen)
}

// numa looks at which nodes the cores lie on.
func (s site) numa() Finding {
	const dir = "/sys/devices/system/node"
	online, err := s.read(dir, "online")
	if missing(err) { // a kernel without nodes
		return good("one node")
	}
	all, e := affinity.ParseList(online)
	if err = errors.Join(err, e, s.coresErr); err != nil {
		return unknown(err)
	}
	if len(all) < 2 {
		return good("one node")
	}
	var nodes, first []string // with cores that may be used, and these cores of the first node
	for _, node := range all {
		text, err := s.read(dir, fmt.Sprintf("node%d", node), "cpulist")
		list, e := affinity.ParseList(text)
		if err = errors.Join(err, e); err != nil {
			return unknown(err)
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
		return wrong(fmt.Sprintf("taskset -c %s payoff run ...", strings.Join(first, ",")),
			"the %d cores that may be used lie on %d nodes: %s", len(s.cores), len(nodes), strings.Join(nodes, ", "))
	}
	const found = "the cores that may be used lie on one of %d nodes"
	if moves, err := s.read("/proc/sys/kernel/numa_balancing"); err == nil && moves != "0" {
		return noted("sysctl -w kernel.numa_balancing=0", found+"; the kernel moves pages between them", len(all))
	}
	return noted("", found, len(all))
}
