package site

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/report"
)

// A folder is a subfolder of the results: a run, a comparison of two programs, or profiles.
type folder struct {
	Name     string
	Info     harness.Info // of a run or a comparison
	Started  time.Time    // time of the run or, for profiles, of the last change
	Sides    bool         // it is a comparison of two programs
	Live     bool         // the run is under way
	Err      error        // why run.json cannot be read
	Profiles []string     // paths of profiles in the folder and its subfolders
	Flames   []report.Link
	// Timelines are links to the timelines in the folder and its subfolders.
	Timelines []report.Link

	stamp string // changes with the files of the run
}

// profileSuffix is the end of the names of profiles.
const profileSuffix = ".pb.gz"

// errForeign is the error for a folder without results.
var errForeign = errors.New("the folder has no run and no profile")

// folders returns the folders with results, the newest first. It leaves out symbolic links, such as
// latest, because they name a folder a second time.
func (s *site) folders() (all []folder, err error) {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if f, err := s.folder(e.Name()); err == nil {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b folder) int { return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(b.Name, a.Name)) })
	return all, nil
}

// folder returns the folder with the given name.
func (s *site) folder(name string) (f folder, err error) {
	if !fs.ValidPath(name) || name == "." {
		return f, fs.ErrNotExist
	}
	st, err := s.root.Stat(name)
	if err != nil {
		return f, err
	}
	if !st.IsDir() {
		return f, fs.ErrNotExist
	}
	f = folder{Name: name, Started: st.ModTime()}
	sub, err := fs.Sub(s.root.FS(), name)
	if err != nil {
		return f, err
	}
	for _, pattern := range []string{"*" + profileSuffix, "*/*" + profileSuffix} {
		found, _ := fs.Glob(sub, pattern)
		f.Profiles = append(f.Profiles, found...)
	}
	f.Flames, f.Timelines = report.FlameGraphs(sub), report.Timelines(sub)
	for _, links := range [][]report.Link{f.Flames, f.Timelines} {
		for i := range links {
			links[i].Address = address(name, "file", "") + strings.TrimPrefix(links[i].Address, "./")
		}
	}
	info, samples := s.stampOf(path.Join(name, record.InfoFile)), s.stampOf(path.Join(name, record.SamplesFile))
	if info == "" {
		if len(f.Profiles)+len(f.Timelines) == 0 {
			return f, errForeign
		}
		return f, nil
	}
	f.stamp = info + " " + samples
	f.Sides = samples == "" && s.stampOf(path.Join(name, harness.Base.String(), record.SamplesFile)) != ""
	if f.Info, f.Err = record.ReadInfo(s.root.FS(), name); f.Err == nil && !f.Info.Started.IsZero() {
		f.Started = f.Info.Started
	}
	if f.Err == nil && f.Info.Finished.IsZero() {
		if dir, err := s.root.Open(name); err == nil {
			f.Live = record.Held(dir)
			dir.Close()
		}
	}
	return f, nil
}

// stampOf returns the size and time of a regular file as text, or "" if there is none.
func (s *site) stampOf(name string) string {
	st, err := s.root.Stat(name)
	if err != nil || !st.Mode().IsRegular() {
		return ""
	}
	return fmt.Sprint(st.Size(), st.ModTime().UnixNano())
}

// open opens a regular file or a folder below the root. It does not wait for the writer of a pipe.
func (s *site) open(name string) (*os.File, fs.FileInfo, error) {
	f, err := s.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() && !st.IsDir() {
		err = fs.ErrNotExist
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, st, nil
}

// State says in a few words how far the run is.
func (f folder) State() string {
	i := f.Info
	switch {
	case f.stamp == "":
		return "profiles"
	case f.Err != nil:
		return "damaged"
	case f.Live:
		return "under way"
	case i.Finished.IsZero():
		return "broken off"
	case i.Spent.Wall > 0:
		return "ended after " + format.Elapsed(i.Spent.Wall)
	}
	return "ended"
}

// What names the subject of the folder: the suites of a run.
func (f folder) What() string {
	switch {
	case f.stamp == "":
		return "profiles"
	case f.Sides:
		return "comparison"
	}
	return cmp.Or(strings.Join(f.Info.Suites, ", "), f.Name)
}

// Machine names the machine of the run.
func (f folder) Machine() string {
	m := f.Info.Machine
	var parts []string
	for _, part := range []string{m.Host, m.CPU} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if m.Cores > 0 {
		parts = append(parts, format.Count(m.Cores, "core"))
	}
	return strings.Join(parts, ", ")
}

// When is the local time at which the run began.
func (f folder) When() string { return f.Started.Local().Format("2006-01-02 15:04") }
