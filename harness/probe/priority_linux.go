package probe

import "golang.org/x/sys/unix"

// ioPriority returns the priority of input and output of the process pid, as ioprio_get(2) returns it,
// or 0 if it is unknown.
func ioPriority(pid int) int {
	const process = 1 // IOPRIO_WHO_PROCESS
	priority, _, errno := unix.Syscall(unix.SYS_IOPRIO_GET, process, uintptr(pid), 0)
	if errno != 0 {
		return 0
	}
	return int(priority)
}
