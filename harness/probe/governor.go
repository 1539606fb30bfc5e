package probe

import (
	"os"
	"slices"
	"strings"
)

// Governor returns the names of the frequency governors of the cores that this process may use,
// such as "performance". It returns "" if the system does not report governors.
func Governor() string {
	v := visit{site: openSite("/", os.Getpid())}
	all := v.each("cpufreq/scaling_governor", "")
	if v.err != nil {
		return ""
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ", ")
}
