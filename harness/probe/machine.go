package probe

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/payoff-bench/payoff/harness"
)

// Machine describes this machine. A field that could not be determined has its zero value, and a
// note says why.
func Machine() (m harness.Machine, notes []string) {
	m = harness.Machine{GOOS: runtime.GOOS, GOARCH: runtime.GOARCH, Cores: runtime.NumCPU()}
	m.Host = hostName(known(&notes, "host name", os.Hostname))
	m.CPU = known(&notes, "cpu model", cpuModel)
	m.Kernel = known(&notes, "kernel release", kernelRelease)
	m.Memory = known(&notes, "memory", memory)
	m.Virtual = known(&notes, "hypervisor", hypervisor)
	return m, notes
}

// known returns the value that find returns. If find returns an error, known adds a note.
func known[T any](notes *[]string, what string, find func() (T, error)) T {
	v, err := find()
	if err != nil {
		*notes = append(*notes, fmt.Sprintf("%s is not known: %v", what, err))
	}
	return v
}

// hostName returns the first label of name, with spaces replaced.
func hostName(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return strings.Join(strings.Fields(name), "-")
}
