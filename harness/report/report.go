// Package report writes the results of a run: report.html, report.md, report.json, the charts, and
// texts for the terminal. HTML, Markdown and text are made from one page, whose numbers come from
// package analyze. The table fronts lists the sections with answers, the table topics lists the
// kinds of results in the appendix, and a table of package chart lists the charts.
package report

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/chart"
	"github.com/payoff-bench/payoff/harness/document"
)

// The names of the reports in a folder.
const (
	File     = "report.md"
	PageFile = "report.html"
)

// Write writes report.html, report.md, report.json and the charts, as SVG and PNG, into the folder
// dir. run is the folder of the run, for commands in the report. The run may be incomplete or
// empty; the report then names the missing parts. Write creates the files in a temporary folder
// first, so that an error leaves an older report unchanged.
//
// Write removes the charts of an older report that are not in the new one. It returns the names of
// the new charts, without extension.
func Write(dir, run string, a *analyze.Analysis) (charts []string, err error) {
	charts, err = replace(dir, run, a)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) { // its path is in the temporary folder
			err = path.Err
		}
		return nil, fmt.Errorf("%s could not be written: %w", filepath.Join(dir, File), err)
	}
	return charts, nil
}

// replace writes the files of a report into dir and removes the charts of an older report.
func replace(dir, run string, a *analyze.Analysis) (names []string, err error) {
	made, err := os.MkdirTemp(dir, ".report-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(made)
	p := newPage(run, a)
	p.profiles = append(FlameGraphs(os.DirFS(dir)), Timelines(os.DirFS(dir))...)
	write := func(name string, draw func(io.Writer) error) {
		if err == nil {
			err = toFile(filepath.Join(made, name), draw)
		}
	}
	for _, c := range p.charts {
		write(c.Name+".svg", c.SVG)
		write(c.Name+".png", c.PNG)
		names = append(names, c.Name)
	}
	write(File, func(w io.Writer) error { return markdown(w, p) })
	write(document.File, func(w io.Writer) error { return document.Write(w, a) })
	write(PageFile, func(w io.Writer) error { return webPage(w, p) })
	if err != nil {
		return nil, err
	}
	before, err := drawn(dir)
	if err != nil {
		return nil, err
	}
	files, err := os.ReadDir(made)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := os.Rename(filepath.Join(made, f.Name()), filepath.Join(dir, f.Name())); err != nil {
			return nil, err
		}
	}
	for _, name := range before {
		if slices.Contains(names, name) {
			continue
		}
		for _, end := range []string{".svg", ".png"} {
			if err := os.Remove(filepath.Join(dir, name+end)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
		}
	}
	return names, nil
}

// Draw writes charts into a folder, as SVG and PNG. It returns the paths of the SVG files.
func Draw(dir string, charts []chart.Chart) (paths []string, err error) {
	for _, c := range charts {
		path := filepath.Join(dir, c.Name)
		if err := errors.Join(toFile(path+".svg", c.SVG), toFile(path+".png", c.PNG)); err != nil {
			return paths, err
		}
		paths = append(paths, path+".svg")
	}
	return paths, nil
}

// chartNames match the names of charts in the files that [webPage] and, in older versions, [markdown]
// write.
var chartNames = map[string]*regexp.Regexp{
	PageFile: regexp.MustCompile(`<figure data-chart="([^"/]+)"`),
	File:     regexp.MustCompile(`\]\(([^/()]+)\.svg\)`),
}

// drawn returns the names of the charts that an earlier report left in the folder dir.
func drawn(dir string) (names []string, err error) {
	for file, name := range chartNames {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if file == File && !bytes.HasPrefix(text, []byte("# payoff")) {
			continue // a page of the user with the same name
		}
		for _, m := range name.FindAllStringSubmatch(string(text), -1) {
			names = append(names, html.UnescapeString(m[1]))
		}
	}
	return names, nil
}

// toFile creates the named file and writes the output of the function write to it.
func toFile(name string, write func(io.Writer) error) error {
	var buf bytes.Buffer
	if err := write(&buf); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return os.WriteFile(name, buf.Bytes(), 0o666)
}

// Terminal writes the report as text of at most 120 columns, without charts. Its findings in
// sentences cover only the largest number of cores.
func Terminal(w io.Writer, a *analyze.Analysis) error { return terminal(w, detailed(a)) }
