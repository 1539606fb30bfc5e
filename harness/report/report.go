// Package report writes the findings of a run: report.md with its charts, and a text for the
// terminal. Every number and sentence is taken from the analysis of the run's samples. The
// topics that it has are listed in one table, and one table has the charts (package chart).
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
)

// File is the name of the report in the folder of a run.
const File = "report.md"

// Write writes report.md and the charts, as SVG and PNG, into the folder. They are made in
// a folder next to them first, so that a failure leaves older ones as they were. Any part of
// a run will do, none too: the report names the missing parts.
//
// Charts of the report that was there before, which this one has not, are removed with it.
// Write returns the names of the charts of this one, without extension.
func Write(dir string, a *analyze.Analysis) (charts []string, err error) {
	charts, err = replace(dir, a)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) { // it names a file that the user does not know
			err = path.Err
		}
		return nil, fmt.Errorf("%s could not be written: %w", filepath.Join(dir, File), err)
	}
	return charts, nil
}

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

// chartLink is how [markdown] shows a chart.
var chartLink = regexp.MustCompile(`(?m)^!\[.*\]\(([^/()]+)\.svg\)$`)

// linked returns the names of the charts of a report, none where there is no report.
func linked(file string) (names []string, err error) {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, m := range chartLink.FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1])
	}
	return names, nil
}

// toFile writes a file.
func toFile(name string, write func(io.Writer) error) error {
	var buf bytes.Buffer
	if err := write(&buf); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return os.WriteFile(name, buf.Bytes(), 0o666)
}

// Terminal writes the report as text of at most 120 columns, without the charts and with
// the sentences for the largest number of cores alone.
func Terminal(w io.Writer, a *analyze.Analysis) error { return terminal(w, newPage(a)) }
