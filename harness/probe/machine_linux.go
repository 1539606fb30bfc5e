package probe

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

func cpuModel() (string, error) {
	info, err := cpuInfo()
	if err != nil {
		return "", err
	}
	return modelName(info)
}

// cpuInfo returns the kernel's description of the first processor, from /proc/cpuinfo.
func cpuInfo() (procfs.CPUInfo, error) {
	proc, err := procfs.NewDefaultFS()
	if err != nil {
		return procfs.CPUInfo{}, err
	}
	all, err := proc.CPUInfo()
	if err != nil || len(all) == 0 {
		return procfs.CPUInfo{}, cmp.Or(err, errors.New("/proc/cpuinfo lists no processor"))
	}
	return all[0], nil
}

// modelName returns the model name of the processor. If there is none, as on ARM, it returns the
// codes that identify the implementer and the part.
func modelName(c procfs.CPUInfo) (string, error) {
	switch {
	case c.ModelName != "":
		return strings.Join(strings.Fields(c.ModelName), " "), nil
	case c.VendorID != "" && c.Model != "":
		return fmt.Sprintf("implementer %s part %s", c.VendorID, c.Model), nil
	}
	return "", errors.New("/proc/cpuinfo has no model name")
}

func kernelRelease() (string, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "", fmt.Errorf("uname: %w", err)
	}
	return unix.ByteSliceToString(u.Release[:]), nil
}

func memory() (int64, error) {
	var s unix.Sysinfo_t
	if err := unix.Sysinfo(&s); err != nil {
		return 0, fmt.Errorf("sysinfo: %w", err)
	}
	return int64(s.Totalram) * int64(s.Unit), nil
}

func hypervisor() (string, error) {
	info, err := cpuInfo()
	if err != nil {
		return "", err
	}
	x86 := runtime.GOARCH == "amd64" || runtime.GOARCH == "386"
	return hypervisorIn(os.DirFS("/sys"), x86, slices.Contains(info.Flags, "hypervisor")), nil
}

// hypervisorIn returns the name of the hypervisor according to files in sys, the folder /sys. It
// returns "" if the machine is not virtual. The argument x86 says whether the processor is an x86.
// The argument flag says whether Linux lists the flag "hypervisor" for the processor, which only
// x86 processors of virtual machines have.
func hypervisorIn(sys fs.FS, x86, flag bool) string {
	if x86 && !flag {
		return "" // cloud providers put their name on bare-metal machines too
	}
	for _, trace := range []string{
		"hypervisor/type",
		"devices/system/clocksource/clocksource0/available_clocksource",
		"class/dmi/id/product_name",
		"class/dmi/id/sys_vendor",
	} {
		b, _ := fs.ReadFile(sys, trace) // a missing file names no hypervisor
		text := strings.ToLower(string(b))
		for _, h := range []struct{ sign, name string }{
			{"kvm", "kvm"}, {"xen", "xen"}, {"hyperv", "hyper-v"}, {"virtual machine", "hyper-v"},
			{"vmware", "vmware"}, {"virtualbox", "virtualbox"}, {"qemu", "qemu"},
			{"amazon ec2", "nitro"}, {"google compute engine", "kvm"},
		} {
			if strings.Contains(text, h.sign) {
				return h.name
			}
		}
	}
	if flag {
		return "unnamed"
	}
	return ""
}
