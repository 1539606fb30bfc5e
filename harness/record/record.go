// Package record keeps a run in a folder of its own, so that its samples outlive the process
// that measured them.
//
//  1. [Create] makes the folder with run.json, the run's [harness.Info].
//  2. [Run.Sample] appends each launch to samples.txt and syncs it.
//  3. [Run.Finish] says in run.json that the run came to its end.
//  4. [Read] returns the contents of a folder, of a run that was killed too.
//  5. [Resume] opens such a folder again, and the run goes on.
//
// samples.txt is in the Go benchmark format, which benchstat reads as it is. Each launch
// is a benchmark line; the comment before it has the properties that are not the cell's: round,
// block, time, marks.
package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// The files of a run's folder.
const (
	SamplesFile = "samples.txt"
	InfoFile    = "run.json"
)

// FolderName is what the folder of a run that began at a time is called:
// 20261121-220000-quick.
func FolderName(began time.Time, suites []string) string {
	return began.Format("20060102-150405") + "-" + strings.ReplaceAll(strings.Join(suites, "+"), string(filepath.Separator), "_")
}

// A Run is the folder of a run that is being measured. It is for one goroutine.
type Run struct {
	dir     string
	info    harness.Info
	held    *os.File // the lock on the folder; nil where there are none
	samples appender
	size    int64 // of samples.txt, up to the last sample that is whole
	torn    bool  // there is more, which is to be cut off
	count   int
	units   map[string]bool // that have their Unit line
}

// An appender is the part of a file that a Run uses of samples.txt.
type appender interface {
	io.WriteCloser
	Sync() error
	Truncate(size int64) error
}

// An ExistsError is a folder for a run that holds something already.
type ExistsError struct{ Dir string }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("%s is not empty; a run needs a folder of its own", e.Dir)
}

// A FullError is a sample that could not be written. Those before it are kept.
type FullError struct {
	Path string
	Kept int // samples that are on disk
	Err  error
}

func (e *FullError) Error() string {
	return fmt.Sprintf("%s: %v; the %d samples before are kept", e.Path, e.Err, e.Kept)
}

func (e *FullError) Unwrap() error { return e.Err }

// Create makes the folder dir, with its parents, for a run that info describes. A folder
// that is there must be empty; otherwise the error is an [ExistsError]. Of runs in the same
// results that were killed it removes the folders of their launches.
func Create(dir string, info harness.Info) (*Run, error) {
	err := os.MkdirAll(dir, 0o777)
	var names []os.DirEntry
	if err == nil {
		names, err = os.ReadDir(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("folder for the run: %w", err)
	}
	if len(names) > 0 {
		return nil, &ExistsError{dir}
	}
	sweep(filepath.Dir(dir))
	r := &Run{dir: dir, info: info, units: map[string]bool{}}
	r.held, _ = lock(dir) // a folder without a lock is never swept
	err = r.writeInfo()
	if err == nil {
		if err = r.open(os.O_CREATE | os.O_EXCL); err != nil {
			err = fmt.Errorf("folder for the run: %w", err)
		}
	}
	if err == nil {
		err = r.append(appendHeader(nil, info.Machine))
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		r.Abandon()
		return nil, err
	}
	return r, nil
}

// open opens samples.txt for appending, with these flags too.
func (r *Run) open(flags int) error {
	f, err := os.OpenFile(filepath.Join(r.dir, SamplesFile), os.O_WRONLY|os.O_APPEND|flags, 0o666)
	if err == nil {
		r.samples = f
	}
	return err
}

// Dir returns the run's folder.
func (r *Run) Dir() string { return r.dir }

// Sample appends s to samples.txt and syncs it. It is part of the Sink of package run. If it fails
// the error is a [FullError], and the file holds what it held before.
func (r *Run) Sample(s harness.Sample) error {
	text, err := r.appendSample(nil, s)
	if err != nil {
		return err
	}
	if err := r.append(text); err != nil {
		return err
	}
	for unit := range s.Values {
		r.units[unit] = true
	}
	r.count++
	return nil
}

// Mark appends a comment to samples.txt which says that a sample has more marks than it was
// written with. It is part of the Sink of package run.
func (r *Run) Mark(s harness.Sample) error { return r.append(appendMarks(nil, s)) }

// Jobs keeps what the probes found in run.json. It is part of the Sink of package run.
func (r *Run) Jobs(jobs []harness.Job) error {
	return r.Edit(func(i *harness.Info) { i.Jobs = jobs })
}

// Edit changes what run.json says.
func (r *Run) Edit(change func(*harness.Info)) error {
	change(&r.info)
	return r.writeInfo()
}

// Finish says when the run ended and closes its files.
func (r *Run) Finish(at time.Time) error {
	r.info.Finished = at
	return errors.Join(r.writeInfo(), r.Abandon())
}

// append writes text to samples.txt, wholly or not at all, and syncs it.
func (r *Run) append(text []byte) (err error) {
	if r.torn {
		err = reason(r.samples.Truncate(r.size))
	}
	if err == nil {
		r.torn = false
		if _, err = r.samples.Write(text); err == nil {
			err = r.samples.Sync()
		}
		if err != nil {
			err = errors.Join(reason(err), reason(r.samples.Truncate(r.size)))
		}
	}
	if err != nil {
		return &FullError{Path: filepath.Join(r.dir, SamplesFile), Kept: r.count, Err: err}
	}
	r.size += int64(len(text))
	return nil
}

// reason returns err without the file that it names.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// writeInfo replaces run.json; a reader sees the old one or the new at any time.
func (r *Run) writeInfo() error {
	text, err := json.MarshalIndent(r.info, "", "\t")
	if err != nil {
		return err
	}
	path := filepath.Join(r.dir, InfoFile)
	f, err := os.CreateTemp(r.dir, InfoFile+".*")
	if err != nil {
		return fmt.Errorf("folder for the run: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Chmod(0o666&^0o022), f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// syncDir makes the names in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
