package probe

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// Machine returns a description of this machine. A field that cannot be determined has its zero
// value, and a note says why.
func Machine() (m harness.Machine, notes []string) {
	m = harness.Machine{GOOS: runtime.GOOS, GOARCH: runtime.GOARCH, Cores: runtime.NumCPU()}
	m.Host = hostName(known(&notes, "host name", os.Hostname))
	m.CPU = known(&notes, "cpu model", cpuModel)
	m.Kernel = known(&notes, "kernel release", kernelRelease)
	m.Memory = known(&notes, "memory", memory)
	m.Virtual = known(&notes, "hypervisor", hypervisor)
	m.Speeds, _, _ = openSite("/", os.Getpid()).speeds()
	return m, notes
}

// known returns the value that the function find returns. If find returns an error, known adds a
// note: the property that the argument what names is not known.
func known[T any](notes *[]string, what string, find func() (T, error)) T {
	v, err := find()
	if err != nil {
		*notes = append(*notes, fmt.Sprintf("%s is not known: %v", what, err))
	}
	return v
}

// hostName returns the first part of a host name, up to the first dot, with - in place of each
// space.
func hostName(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return strings.Join(strings.Fields(name), "-")
}
