package probe

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// Machine returns a description of this machine. If a field cannot be determined, it has its zero
// value, and a note contains the reason.
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

// known calls the function find and returns its value. If find returns an error, known adds a note
// that the property what is not known.
func known[T any](notes *[]string, what string, find func() (T, error)) T {
	v, err := find()
	if err != nil {
		*notes = append(*notes, fmt.Sprintf("%s is not known: %v", what, err))
	}
	return v
}

// hostName returns the part of a host name before the first dot, with - in place of spaces.
func hostName(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return strings.Join(strings.Fields(name), "-")
}
