package process

import (
	"bytes"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// alterThread sets the nice value and CPUs in a on the calling thread; its child processes inherit
// them. It does not restore the earlier values.
func (a Attributes) alterThread() error {
	if a.Nice > 0 {
		// Getpriority returns 20 minus the nice value.
		now, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
		if err == nil {
			err = unix.Setpriority(unix.PRIO_PROCESS, 0, min(20-now+a.Nice, 19))
		}
		if err != nil {
			return &Fault{"nice", a.Nice, err}
		}
	}
	if len(a.CPUs) > 0 {
		var set unix.CPUSet
		for _, cpu := range a.CPUs {
			set.Set(cpu)
		}
		if err := unix.SchedSetaffinity(0, &set); err != nil {
			return &Fault{"cpus", a.CPUs, err}
		}
	}
	return nil
}

// limit sets the memory limit of a process that has answered. To the limit of the user it adds the
// memory that the Go runtime has already reserved: 70 MB or more, depending on the release of Go.
func (a Attributes) limit(pid int) error {
	if a.Memory == 0 {
		return nil
	}
	const data = 5 // index in statm
	n := uint64(pagesOf(pid, data) + a.Memory)
	if err := unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: n, Max: n}, nil); err != nil {
		return &Fault{"memory", a.Memory, err}
	}
	return nil
}

// Resident returns the resident memory of the process in bytes, or 0 if it is unknown. If arena is
// true, the process has an arena. In this case Resident leaves out all memory that the process
// shares with other processes, because replacing the process would not free it.
func (p *Process) Resident(arena bool) int64 {
	n := pagesOf(p.pid, 1)
	if arena {
		n -= pagesOf(p.pid, 2)
	}
	return n
}

// pagesOf returns a memory size of the process pid in bytes. It reads the field with the index
// place in the file /proc/pid/statm, and converts it from pages to bytes.
func pagesOf(pid, place int) int64 {
	b, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	fields := bytes.Fields(b)
	if len(fields) <= place {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[place]), 10, 64)
	return pages * int64(os.Getpagesize())
}

// sysAttributes returns attributes that put a worker into its own process group, and make the
// system kill the worker when this process ends.
func sysAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// halted reports whether a signal has stopped the child process pid.
func halted(pid int) bool {
	const stopped = 5 // CLD_STOPPED
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, pid, &info, unix.WSTOPPED|unix.WNOHANG|unix.WNOWAIT, nil)
	return err == nil && info.Code == stopped
}
