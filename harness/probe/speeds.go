package probe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness/affinity"
)

// unlikeMost is the largest ratio of the speeds of two cores that count as alike. The highest
// frequencies of cores of one kind may differ by a few percent.
const unlikeMost = 1.1

// A speed describes a file in which Linux reports the speed of each core as a number. The function
// name returns the text of this number for a finding, such as "capacity 1024".
type speed struct {
	file string
	name func(value int) string
}

// speedFiles lists the files that describe the speed of a core, the more exact file first.
var speedFiles = []speed{
	{"cpu_capacity", func(v int) string { return fmt.Sprintf("capacity %d", v) }},
	{"cpufreq/cpuinfo_max_freq", func(kHz int) string { return fmt.Sprintf("%.3g GHz", float64(kHz)/1e6) }},
}

// A kind is a set of cores of a machine that have the same speed.
type kind struct {
	value int
	cores []int
}

// kinds groups the site's cores by speed, the fastest kind first. Each core has a file with its
// speed; the argument file is the name of this file. kinds returns nil if the speed of a core is
// unknown.
func (s site) kinds(file string) (all []kind) {
	for _, core := range s.cores {
		text, err := s.read(sysCPU, fmt.Sprintf("cpu%d", core), file)
		value, numErr := strconv.Atoi(text)
		if err != nil || numErr != nil || value <= 0 {
			return nil
		}
		i := slices.IndexFunc(all, func(k kind) bool { return k.value == value })
		if i < 0 {
			i = len(all)
			all = append(all, kind{value: value})
		}
		all[i].cores = append(all[i].cores, core)
	}
	slices.SortFunc(all, func(a, b kind) int { return b.value - a.value })
	return all
}

// speeds returns a text with the speeds of the cores that the process may use, such as "capacity
// 1024 for cores 0-3, capacity 446 for cores 4-7". It returns "" if all of them have about the same
// speed. The result fastest lists the fastest cores. The result known is false if the system does
// not report the speeds.
func (s site) speeds() (text, fastest string, known bool) {
	for _, f := range speedFiles {
		all := s.kinds(f.file)
		if len(all) == 0 {
			continue
		}
		known = true
		if float64(all[0].value) <= unlikeMost*float64(all[len(all)-1].value) {
			continue
		}
		var parts []string
		for _, k := range all {
			cores := "cores"
			if len(k.cores) == 1 {
				cores = "core"
			}
			parts = append(parts, fmt.Sprintf("%s for %s %s", f.name(k.value), cores, affinity.FormatList(k.cores)))
		}
		return strings.Join(parts, ", "), affinity.FormatList(all[0].cores), true
	}
	return "", "", known
}

// alike checks whether all cores that this process may use have the same speed.
func (v *visit) alike() Finding {
	v.keep(v.coresErr)
	switch text, fastest, known := v.speeds(); {
	case !known:
		return unknown("the system reports neither the capacity nor the highest frequency of each core")
	case text == "":
		return good("the cores that payoff may use have the same speed")
	default:
		return wrong(fmt.Sprintf("taskset -c %s payoff run ...", fastest), "the cores that payoff may use differ in speed: %s", text)
	}
}
