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

// A Link is a link from a report to another page.
type Link struct{ Text, Address string }

// profileSuffix is the end of the name of a profile, after its kind.
const profileSuffix = ".pb.gz"

// FlameGraphs returns relative links to the flame graphs in the folder of a run, and in the folders
// inside it. A link to the profile, if there is one, follows that of its flame graph. FlameGraphs
// skips folders that it cannot read.
func FlameGraphs(run fs.FS) (links []Link) {
	var files []string
	for _, pattern := range []string{"*" + FlameSuffix, "*/*" + FlameSuffix} {
		found, _ := fs.Glob(run, pattern)
		files = append(files, found...)
	}
	slices.Sort(files)
	for _, name := range files {
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

// Page writes the page of the report, with links to the flame graphs of the run. run is the folder of
// the run, for commands on the page. The page needs no other file.
func Page(w io.Writer, run string, a *analyze.Analysis, flames []Link) error {
	p := newPage(run, a)
	p.flames = flames
	return webPage(w, p)
}
