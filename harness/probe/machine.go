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

// known returns the value that the function find returns. The argument name says in words which
// property of the machine this is, such as "memory". If find returns an error, known adds a note
// which says that the property is not known.
func known[T any](notes *[]string, name string, find func() (T, error)) T {
	v, err := find()
	if err != nil {
		*notes = append(*notes, fmt.Sprintf("%s is unknown: %v", name, err))
	}
	return v
}

// hostName returns the part of a host name before the first dot. It replaces each space by "-".
func hostName(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return strings.Join(strings.Fields(name), "-")
}
