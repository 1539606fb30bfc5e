package probe

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/procfs"
)

// levels returns the folders of the control groups that limit the site's process with a controller,
// such as "cpu": the group of the process, and those of its ancestors that are mounted.
func (s site) levels(controller string) ([]string, error) {
	p, err := s.proc.Proc(s.pid)
	if err := cmp.Or(s.procErr, err); err != nil {
		return nil, err
	}
	groups, err := p.Cgroups()
	mounts, mountsErr := s.proc.GetMounts()
	if err := cmp.Or(err, mountsErr); err != nil {
		return nil, err
	}
	return levels(groups, mounts, controller)
}

// levels returns the folders of a process's control group and of the ancestors of this group. The
// argument groups lists the control groups of the process, and mounts lists the mounted
// filesystems. levels chooses the group of version 1 that has the given controller, such as "cpu".
// If there is none, it chooses the group of version 2.
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
		return nil, fmt.Errorf("control group %s is outside the mounted hierarchy (%s)", groups[g].Path, root)
	}
	dirs := []string{filepath.Join(top, path)}
	for ; path != "."; path = filepath.Dir(path) {
		dirs = append(dirs, filepath.Join(top, filepath.Dir(path)))
	}
	return dirs, nil
}

// throttled returns for how long the control groups in dirs were stopped, because they had used up
// their CPU quota. It ignores groups that do not report this time, such as the root group, which
// has no quota. If no group reports it, throttled returns an error.
func (s site) throttled(dirs []string) (sum time.Duration, err error) {
	counted := false
	for _, dir := range dirs {
		stat, err := s.read(dir, "cpu.stat")
		if err != nil {
			return 0, fmt.Errorf("throttling: %w", err)
		}
		ns, ok := field(stat, "throttled_time") // version 1
		us, ok2 := field(stat, "throttled_usec")
		sum += time.Duration(ns) + time.Duration(us)*time.Microsecond
		counted = counted || ok || ok2
	}
	if !counted {
		return 0, fmt.Errorf("throttling: %s has no field for throttled time", filepath.Join(dirs[0], "cpu.stat"))
	}
	return sum, nil
}
