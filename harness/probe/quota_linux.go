package probe

import (
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
	groups, mounts, err := groupsOf(fs, pid)
	if err != nil {
		return nil, err
	}
	return statFiles(groups, mounts)
}

// groupsOf returns the control groups of pid and all that is mounted.
func groupsOf(fs procfs.FS, pid int) ([]procfs.Cgroup, []*procfs.MountInfo, error) {
	p, err := fs.Proc(pid)
	if err != nil {
		return nil, nil, err
	}
	groups, err := p.Cgroups()
	if err != nil {
		return nil, nil, err
	}
	mounts, err := fs.GetMounts()
	return groups, mounts, err
}

// statFiles finds the cpu.stat files of the group that has the cpu controller and those above.
func statFiles(groups []procfs.Cgroup, mounts []*procfs.MountInfo) ([]string, error) {
	files, err := levels(groups, mounts, "cpu")
	if err != nil {
		return nil, fmt.Errorf("throttling: %w", err)
	}
	for i, dir := range files {
		files[i] = filepath.Join(dir, "cpu.stat")
	}
	return files, nil
}

// levels returns the folders of the group that has the controller and of those above it: in
// version 1 the one that says so, else that of version 2.
func levels(groups []procfs.Cgroup, mounts []*procfs.MountInfo, controller string) ([]string, error) {
	g := slices.IndexFunc(groups, func(g procfs.Cgroup) bool { return slices.Contains(g.Controllers, controller) })
	isMount := func(m *procfs.MountInfo) bool {
		_, has := m.SuperOptions[controller]
		return m.FSType == "cgroup" && has
	}
	if g < 0 {
		g = slices.IndexFunc(groups, func(g procfs.Cgroup) bool { return g.HierarchyID == 0 })
		isMount = func(m *procfs.MountInfo) bool { return m.FSType == "cgroup2" }
	}
	if g < 0 {
		return nil, fmt.Errorf("the process is in no control group for %s", controller)
	}
	m := slices.IndexFunc(mounts, isMount)
	if m < 0 {
		return nil, fmt.Errorf("no control groups for %s are mounted", controller)
	}
	root, top := mounts[m].Root, mounts[m].MountPoint
	path, err := filepath.Rel(root, groups[g].Path)
	if err != nil || path == ".." || strings.HasPrefix(path, "../") {
		return nil, fmt.Errorf("control group %s is outside of what is mounted (%s)", groups[g].Path, root)
	}
	dirs := []string{filepath.Join(top, path)}
	for ; path != "."; path = filepath.Dir(path) {
		dirs = append(dirs, filepath.Join(top, filepath.Dir(path)))
	}
	return dirs, nil
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
