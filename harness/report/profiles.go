package report

import (
	"io"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// FlameSuffix is the end of the name of a file with a flame graph, after the kind of the profile.
const FlameSuffix = "-flame.html"

// TimelinePrefix is the beginning of the name of a file with a timeline, which is an SVG.
const TimelinePrefix = "timeline-"

// A Link is a link from a report to another page.
type Link struct{ Text, Address string }

// profileSuffix is the end of the name of a profile, after its kind.
const profileSuffix = ".pb.gz"

// FlameGraphs returns relative links to the flame graphs in the folder of a run, and in the folders
// inside it. A link to the profile, if there is one, follows that of its flame graph. FlameGraphs
// skips folders that it cannot read.
func FlameGraphs(run fs.FS) (links []Link) {
	for _, name := range matching(run, "*"+FlameSuffix) {
		text := "CPU profile"
		if dir := path.Dir(name); dir != "." {
			text += " in " + dir
		}
		if kind := strings.TrimSuffix(path.Base(name), FlameSuffix); kind != "cpu" {
			text = kind + strings.TrimPrefix(text, "CPU")
		}
		links = append(links, Link{text, (&url.URL{Path: name}).String()})
		file := strings.TrimSuffix(name, FlameSuffix) + profileSuffix
		if _, err := fs.Stat(run, file); err == nil {
			links = append(links, Link{text + " as a file for go tool pprof", (&url.URL{Path: file}).String()})
		}
	}
	return links
}

// Timelines returns relative links to the timelines in the folder of a run, and in the folders inside
// it. It skips folders that it cannot read.
func Timelines(run fs.FS) (links []Link) {
	for _, name := range matching(run, TimelinePrefix+"*.svg") {
		text := "timeline of " + strings.TrimSuffix(strings.TrimPrefix(path.Base(name), TimelinePrefix), ".svg")
		if dir := path.Dir(name); dir != "." {
			text += " in " + dir
		}
		links = append(links, Link{text, (&url.URL{Path: name}).String()})
	}
	return links
}

// matching returns the files in a folder and in the folders inside it whose names match a pattern.
func matching(run fs.FS, pattern string) (files []string) {
	for _, p := range []string{pattern, "*/" + pattern} {
		some, _ := fs.Glob(run, p)
		files = append(files, some...)
	}
	slices.Sort(files)
	return files
}

// Page writes the page of the report, with links to the profiles of the run. run is the folder of
// the run, for commands on the page. The page needs no other file.
func Page(w io.Writer, run string, a *analyze.Analysis, profiles []Link) error {
	p := newPage(run, a)
	p.profiles = profiles
	return webPage(w, p)
}
