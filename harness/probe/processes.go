package probe

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/prometheus/procfs"
)

// Descendants returns the processes that the process pid started, and those that they
// started, as far as they are alive and their parents are.
func Descendants(pid int) ([]int, error) {
	d, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	for _, name := range names {
		child, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		stat, _ := os.ReadFile("/proc/" + name + "/stat") // an error says that it ended
		// pid (name) state parent …, where the name may hold any byte.
		if fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])); len(fields) > 1 {
			if parent, err := strconv.Atoi(fields[1]); err == nil {
				children[parent] = append(children[parent], child)
			}
		}
	}
	all := children[pid]
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all, nil
}

// statOf reads the kernel's account of a process.
func statOf(pid int) (s procfs.ProcStat, err error) {
	p, err := procfs.NewProc(pid)
	if err != nil {
		return s, err
	}
	return p.Stat()
}

// PSS returns the memory that the process pid and all below it hold, in bytes, pages that
// several share counted in equal parts. It is the memory that they hold now: a peak is the
// largest of several calls at moments when much is in flight.
//
// It takes 20 µs for each process on the machine and 250 µs for each below pid, and more for
// those with much memory, which meanwhile cannot map any: it belongs outside the clock.
func PSS(pid int) (sum int64, err error) {
	below, err := Descendants(pid)
	if err != nil {
		return 0, err
	}
	for _, p := range append(below, pid) {
		proc, err := procfs.NewProc(p)
		if err == nil {
			var s procfs.ProcSMapsRollup
			s, err = proc.ProcSMapsRollup()
			sum += int64(s.Pss)
		}
		if err != nil && (p == pid || !gone(err)) { // a process that ended holds nothing
			return 0, fmt.Errorf("memory of process %d: %w", p, err)
		}
	}
	return sum, nil
}

// gone reports whether err says that a process or a thread has ended.
func gone(err error) bool { return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) }
