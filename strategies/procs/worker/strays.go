package worker

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// closeStrays closes what this process has inherited and nobody gave it: what the parent has
// open without close-on-exec, from its own parent or from a C library, would stay open for as
// long as the worker lives. What was given is closed on exec by now or standard, and whatever
// a Go program opens is closed on exec from the beginning.
func closeStrays() {
	dir, err := os.Open("/dev/fd")
	if err != nil {
		return
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	for _, name := range names {
		fd, err := strconv.Atoi(name)
		if err != nil || fd <= 2 {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			unix.Close(fd)
		}
	}
}
