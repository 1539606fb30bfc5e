//go:build !linux && !darwin

package probe

func cpuModel() (string, error)      { return "", unsupported("cpu model") }
func kernelRelease() (string, error) { return "", unsupported("kernel release") }
func memory() (int64, error)         { return 0, unsupported("memory") }
func hypervisor() (string, error)    { return "", unsupported("hypervisor") }
