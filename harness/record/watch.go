package record

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/payoff-bench/payoff/harness"
)

// ReadFS is like [Read] for the folder dir of fsys, for example of an [os.Root].
func ReadFS(fsys fs.FS, dir string) (harness.Info, []harness.Sample, error) {
	return read(dir, func(name string) ([]byte, error) { return fs.ReadFile(fsys, path.Join(dir, name)) })
}

// ReadInfo returns the info of the run in the folder dir of fsys, without its samples. The field Foreign
// is not set.
func ReadInfo(fsys fs.FS, dir string) (i harness.Info, err error) {
	name := path.Join(dir, InfoFile)
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return i, err
	}
	if i, err = decode(text); err != nil {
		return i, fmt.Errorf("%s: %w", name, err)
	}
	return i, nil
}

// A Progress says how far a run is.
type Progress struct {
	Launches int
	Newest   []harness.Sample // the newest samples, beginning with the latest
}

// ReadProgress reads the progress of the run in the folder dir of fsys, with at most n samples. It
// takes much less time than [ReadFS], because it parses only the end of the file, and checks
// nothing. It leaves out lines that it cannot read.
func ReadProgress(fsys fs.FS, dir string, n int) (p Progress, err error) {
	text, err := fs.ReadFile(fsys, path.Join(dir, SamplesFile))
	if err != nil {
		return p, err
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	p.Launches = bytes.Count(text, []byte("\n"+launchLine))
	for len(text) > 0 && len(p.Newest) < n {
		at := bytes.LastIndex(text, []byte("\n"+launchLine)) + 1
		if at == 0 {
			break
		}
		comment, line, _ := strings.Cut(string(text[at:]), "\n")
		text = text[:at]
		line, _, _ = strings.Cut(line, "\n")
		if s, ok := glance(comment, line); ok {
			p.Newest = append(p.Newest, s)
		}
	}
	return p, nil
}

// glance returns the sample that a benchmark line and the comment before it describe. The only
// value in the sample is the time of a task.
func glance(comment, line string) (s harness.Sample, ok bool) {
	name, values, _ := strings.Cut(strings.TrimPrefix(line, "Benchmark"), " ")
	var err error
	if s.Cell, s.Twin, err = harness.ParseName(name); err != nil || describe(&s, comment) != nil {
		return s, false
	}
	fields := strings.Fields(values)
	for i, unit := range fields {
		var v float64
		if unit != harness.UnitTask || i == 0 {
			continue
		}
		if _, err := fmt.Sscan(fields[i-1], &v); err == nil {
			s.Values = map[string]float64{harness.UnitTask: v}
		}
	}
	return s, true
}

// Held reports whether a run writes to the folder that is open as dir. It returns false on systems
// without locks on folders. Held itself holds a lock for some microseconds; if [Resume] is called
// for the run meanwhile, it returns a [HeldError].
func Held(dir *os.File) bool {
	err := syscall.Flock(int(dir.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if err == nil {
		syscall.Flock(int(dir.Fd()), syscall.LOCK_UN)
	}
	return errors.Is(err, syscall.EWOULDBLOCK)
}
