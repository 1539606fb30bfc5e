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
	note := func(what string, err error) {
		if err != nil {
			notes = append(notes, fmt.Sprintf("%s is not known: %v", what, err))
		}
	}
	host, err := os.Hostname()
	m.Host = hostName(host)
	note("host name", err)
	m.CPU, err = cpuModel()
	note("cpu model", err)
	m.Kernel, err = kernelRelease()
	note("kernel release", err)
	m.Memory, err = memory()
	note("memory", err)
	m.Virtual, err = hypervisor()
	note("hypervisor", err)
	return m, notes
}

// hostName returns the first label of name, with spaces replaced.
func hostName(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return strings.Join(strings.Fields(name), "-")
}
