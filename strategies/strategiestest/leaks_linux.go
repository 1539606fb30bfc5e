package strategiestest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// descriptors returns the number of open descriptors of this process, by the name of the file
// behind them. All pipes count under one name, and all sockets under another, because the real
// names of pipes and sockets contain a number that changes.
func descriptors() map[string]int {
	open := map[string]int{}
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		if target, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil {
			open[inode.ReplaceAllString(target, "")]++
		}
	}
	return open
}

var inode = regexp.MustCompile(`:\[\d+\]$`)

// children returns the child processes of this process, including zombies, by process id.
func children() map[int]string {
	found := map[int]string{}
	// Waitid is cheap, but reading /proc takes as long as a short case.
	if err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil); err == unix.ECHILD {
		return found
	}
	self := strconv.Itoa(os.Getpid())
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range processes {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		if command, state, parent := stat(pid); parent == self {
			found[pid] = fmt.Sprintf("%s, state %s", command, state)
		}
	}
	return found
}

// stat returns the command of process pid, its state and the process id of its parent. All three
// are empty if the process does not exist.
func stat(pid int) (command, state, parent string) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", "", ""
	}
	end := bytes.LastIndexByte(b, ')') // end of the command, which may contain any bytes
	fields := strings.Fields(string(b[end+1:]))
	return string(b[:end+1]), fields[0], fields[1]
}

// kill kills the worker process pid and its process group.
func kill(pid int) {
	syscall.Kill(-pid, syscall.SIGKILL)
	syscall.Kill(pid, syscall.SIGKILL)
}

// runs reports whether process pid runs. A zombie, which has ended but was not reaped yet, counts
// as not running, since its new parent may reap it late.
func runs(pid int) bool {
	_, state, _ := stat(pid)
	return state != "" && state != "Z" && state != "X"
}
