package strategiestest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// descriptors returns how many open descriptors this process has of everything. Pipes
// and sockets are all alike, since their numbers change.
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

// children returns the child processes of this process, zombies too.
func children() map[int]string {
	found := map[int]string{}
	// To look at all processes takes as long as many a case.
	if err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil); err == unix.ECHILD {
		return found
	}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		stat := string(b)
		end := strings.LastIndexByte(stat, ')') // of the command, which may hold anything
		rest := strings.Fields(stat[end+1:])
		if rest[1] != strconv.Itoa(os.Getpid()) {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		found[pid] = fmt.Sprintf("%s, state %s", stat[:end+1], rest[0])
	}
	return found
}

// kill kills a worker process and what it started.
func kill(pid int) {
	syscall.Kill(-pid, syscall.SIGKILL)
	syscall.Kill(pid, syscall.SIGKILL)
}

// runs reports whether a process is there and no zombie, which whoever adopted it may take
// its time to reap.
func runs(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	stat := string(b)
	state := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])[0]
	return state != "Z" && state != "X"
}
