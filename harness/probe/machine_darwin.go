package probe

import "golang.org/x/sys/unix"

func cpuModel() (string, error)      { return unix.Sysctl("machdep.cpu.brand_string") }
func kernelRelease() (string, error) { return unix.Sysctl("kern.osrelease") }

func memory() (int64, error) {
	n, err := unix.SysctlUint64("hw.memsize")
	return int64(n), err
}

func hypervisor() (string, error) {
	n, err := unix.SysctlUint32("kern.hv_vmm_present")
	if n == 0 || err != nil {
		return "", err
	}
	return "unnamed", nil
}
