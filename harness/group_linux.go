package harness

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// ownGroup makes a process the leader of a group, and makes it die with the thread that
// started it.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// killGroup kills the group that p leads, and every process below p that has a group of
// its own: worker processes do. Those would end by themselves, but later.
func killGroup(p *os.Process) error {
	below, _ := Descendants(p.Pid) // as far as it got
	err := syscall.Kill(-p.Pid, syscall.SIGKILL)
	for _, pid := range below {
		syscall.Kill(pid, syscall.SIGKILL) // it may be gone already, which is as well
	}
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// Descendants returns the processes that the process pid started, and those that they
// started, as far as they are alive and their parents are.
func Descendants(pid int) ([]int, error) {
	names, err := readNames("/proc")
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	for _, name := range names {
		child, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + name + "/stat")
		if err != nil {
			continue // it ended
		}
		// pid (name) state parent …, where the name may hold anything.
		var state byte
		var parent int
		if _, err := fmt.Sscanf(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " %c %d", &state, &parent); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	all := children[pid]
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all, nil
}

// readNames is a directory's names, unsorted.
func readNames(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Readdirnames(-1)
}
