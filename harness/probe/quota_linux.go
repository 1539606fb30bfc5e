package probe

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/procfs"
)

// quotaFiles returns the cpu.stat files of the control groups that pid is in, its own first
// and then those above it, as far as they can be seen from here.
func quotaFiles(fs procfs.FS, pid int) ([]string, error) {
	p, err := fs.Proc(pid)
	if err != nil {
		return nil, err
	}
	groups, err := p.Cgroups()
	if err != nil {
		return nil, err
	}
	mounts, err := fs.GetMounts()
	if err != nil {
		return nil, err
	}
	return statFiles(groups, mounts)
}

// statFiles finds the group that has the cpu controller: in version 1 the one that says
// so, else that of version 2.
func statFiles(groups []procfs.Cgroup, mounts []*procfs.MountInfo) ([]string, error) {
	g := slices.IndexFunc(groups, func(g procfs.Cgroup) bool { return slices.Contains(g.Controllers, "cpu") })
	isMount := func(m *procfs.MountInfo) bool {
		_, cpu := m.SuperOptions["cpu"]
		return m.FSType == "cgroup" && cpu
	}
	if g < 0 {
		g = slices.IndexFunc(groups, func(g procfs.Cgroup) bool { return g.HierarchyID == 0 })
		isMount = func(m *procfs.MountInfo) bool { return m.FSType == "cgroup2" }
	}
	if g < 0 {
		return nil, errors.New("throttling: the process is in no control group for cpu")
	}
	m := slices.IndexFunc(mounts, isMount)
	if m < 0 {
		return nil, errors.New("throttling: no control groups for cpu are mounted")
	}
	root, top := mounts[m].Root, mounts[m].MountPoint
	path, err := filepath.Rel(root, groups[g].Path)
	if err != nil || path == ".." || strings.HasPrefix(path, "../") {
		return nil, fmt.Errorf("throttling: control group %s is outside of what is mounted (%s)", groups[g].Path, root)
	}
	files := []string{filepath.Join(top, path, "cpu.stat")}
	for ; path != "."; path = filepath.Dir(path) {
		files = append(files, filepath.Join(top, filepath.Dir(path), "cpu.stat"))
	}
	return files, nil
}

// throttled adds up the time throttled in files. One that does not count it, as at the
// root, has no quota; if none does, it is not known.
func throttled(files []string) (sum time.Duration, err error) {
	counted := false
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return 0, fmt.Errorf("throttling: %w", err)
		}
		d, ok := throttledTime(string(data))
		sum += d
		counted = counted || ok
	}
	if !counted && len(files) > 0 {
		return 0, fmt.Errorf("throttling: %s does not count it", files[0])
	}
	return sum, nil
}

// throttledTime reads a cpu.stat: throttled_time in ns in version 1, throttled_usec in 2.
func throttledTime(stat string) (d time.Duration, ok bool) {
	for line := range strings.Lines(stat) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		unit := time.Nanosecond
		switch key {
		case "throttled_usec":
			unit = time.Microsecond
		case "throttled_time":
		default:
			continue
		}
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return time.Duration(n) * unit, true
		}
	}
	return 0, false
}
