// Package report writes the results of a run: report.md with its charts, report.json, and a text for
// the terminal. All numbers come from package analyze. One table lists the topics of the report, and a
// table of package chart lists its charts.
package report

import (
	"bytes"
	"errors"
	"fmt"
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

// File is the name of the report in the folder of a run.
const File = "report.md"

// Write writes report.md, report.json and the charts, as SVG and PNG, into the folder dir. It creates
// them in a temporary folder first, so that an error leaves an older report unchanged. The run may be
// incomplete or empty; the report names the missing parts.
//
// Write removes charts of the older report that the new report does not have. It returns the names
// of the new charts, without extension.
func Write(dir string, a *analyze.Analysis) (charts []string, err error) {
	charts, err = replace(dir, a)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) { // its path is in the temporary folder
			err = path.Err
		}
		return nil, fmt.Errorf("%s could not be written: %w", filepath.Join(dir, File), err)
	}
	return charts, nil
}

// replace writes the files of a report and removes outdated charts.
func replace(dir string, a *analyze.Analysis) (names []string, err error) {
	made, err := os.MkdirTemp(dir, ".report-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(made)
	charts := chart.All(a)
	write := func(name string, draw func(io.Writer) error) {
		if err == nil {
			err = toFile(filepath.Join(made, name), draw)
		}
	}
	for _, c := range charts {
		write(c.Name+".svg", c.SVG)
		write(c.Name+".png", c.PNG)
		names = append(names, c.Name)
	}
	write(File, func(w io.Writer) error { return markdown(w, newPage(a), charts) })
	write(document.File, func(w io.Writer) error { return document.Write(w, a) })
	if err != nil {
		return nil, err
	}
	before, err := linked(filepath.Join(dir, File))
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

// chartLink matches the links to charts that [markdown] writes.
var chartLink = regexp.MustCompile(`(?m)^!\[.*\]\(([^/()]+)\.svg\)$`)

// linked returns the names of the charts of a report, or nil if the file does not exist.
func linked(file string) (names []string, err error) {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return each(chartLink.FindAllStringSubmatch(string(text), -1), func(m []string) string { return m[1] }), nil
}

// toFile writes a file with the output of write.
func toFile(name string, write func(io.Writer) error) error {
	var buf bytes.Buffer
	if err := write(&buf); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return os.WriteFile(name, buf.Bytes(), 0o666)
}

// Terminal writes the report as text of at most 120 columns, without charts. Its sentences cover
// only the largest number of cores.
func Terminal(w io.Writer, a *analyze.Analysis) error { return terminal(w, newPage(a)) }
