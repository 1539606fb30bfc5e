// Package record stores a run in a folder, so that its samples outlive the measuring process.
//
//  1. [Create] creates the folder with run.json, the run's [harness.Info].
//  2. [Run.Sample] appends each launch to samples.txt and syncs the file.
//  3. [Run.Finish] records in run.json that the run ended.
//  4. [Read] returns the contents of a folder, also of a run that was killed.
//  5. [Resume] opens such a folder again to continue the run.
//
// samples.txt is in the Go benchmark format, so benchstat reads it directly. Each launch is a
// benchmark line; the comment before it has the properties that are not part of the cell: round,
// block, time, marks.
package record

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// File names in a run folder.
const (
	SamplesFile = "samples.txt"
	InfoFile    = "run.json"
)

// longestFolder is the largest number of bytes in a folder name, not counting the sign … that
// replaces an omitted end.
const longestFolder = 200

// FolderName returns the folder name for a run of the given suites that began at the given time,
// such as 20261121-220000-quick.
func FolderName(began time.Time, suites []string) string {
	name := began.Format("20060102-150405") + "-" + strings.ReplaceAll(strings.Join(suites, "+"), string(filepath.Separator), "_")
	if len(name) > longestFolder { // file systems allow 255 bytes
		name = strings.ToValidUTF8(name[:longestFolder], "") + "…"
	}
	return name
}

// A Run writes the samples and the info of a run in progress to the run's folder. It is not safe
// for concurrent use.
type Run struct {
	dir     string
	info    harness.Info
	id      string   // see [seal]
	held    *os.File // the lock on the folder; nil if locks are not supported
	samples *log
}

// An ExistsError is the error for a folder that a new run cannot use, because it is not empty.
type ExistsError struct{ Dir string }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("%s is not empty; a run needs a folder of its own", e.Dir)
}

// Create creates the folder dir, and missing parent folders, for a new run. It stores info in the
// folder. If dir exists and is not empty, Create returns an [ExistsError]. If Create fails, it
// removes what it created in dir. Create also cleans up after other runs in the parent folder of
// dir: it removes the folders of launches that killed runs left behind.
func Create(dir string, info harness.Info) (*Run, error) {
	_, missing := os.Stat(dir)
	err := os.MkdirAll(dir, 0o777)
	var names []os.DirEntry
	if err == nil {
		names, err = os.ReadDir(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot create the folder for the run: %w", err)
	}
	if len(names) > 0 {
		return nil, &ExistsError{dir}
	}
	sweep(filepath.Dir(dir))
	r := &Run{dir: dir, info: info}
	r.held, _ = lock(dir) // on a system without locks, sweep removes no folder
	if r.id, err = newID(info); err == nil {
		err = r.writeInfo()
	}
	if err == nil {
		if r.samples, err = createLog(filepath.Join(dir, SamplesFile)); err != nil {
			err = fmt.Errorf("cannot create the folder for the run: %w", err)
		}
	}
	if err == nil {
		err = r.samples.append(appendHeader(firstLine(r.id, ""), info.Machine))
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		r.Abandon()
		os.Remove(filepath.Join(dir, InfoFile))
		os.Remove(filepath.Join(dir, SamplesFile))
		if missing != nil {
			os.Remove(dir)
		}
		return nil, err
	}
	return r, nil
}

// Dir returns the path of the run's folder.
func (r *Run) Dir() string { return r.dir }

// Sample appends the sample s to samples.txt and syncs the file to the disk. If this fails, Sample
// leaves the file unchanged and returns a [FullError]. It implements run.Sink.
func (r *Run) Sample(s harness.Sample) error {
	text, err := r.appendSample(nil, s)
	if err != nil {
		return err
	}
	return r.samples.sample(text, maps.Keys(s.Values))
}

// Mark appends a comment to samples.txt with the marks of the sample s. These marks replace the
// marks with which s was written. It implements run.Sink.
func (r *Run) Mark(s harness.Sample) error { return r.samples.append(appendMarks(nil, s)) }

// Jobs stores the jobs, which the run's probes determined, in run.json. It implements run.Sink.
func (r *Run) Jobs(jobs []harness.Job) error {
	return r.Edit(func(i *harness.Info) { i.Jobs = jobs })
}

// Edit lets the function change modify the info of the run, and then writes the info to run.json.
func (r *Run) Edit(change func(*harness.Info)) error {
	change(&r.info)
	return r.writeInfo()
}

// Finish stores the end of the run, at the given time, in run.json. Then it closes the files and
// releases the lock on the folder.
func (r *Run) Finish(at time.Time) error {
	r.info.Finished = at
	return errors.Join(r.writeInfo(), r.Abandon())
}

// writeInfo writes the info of the run to run.json. It replaces the file atomically.
func (r *Run) writeInfo() error {
	s := seal{ID: r.id}
	if r.samples != nil && r.id != "" {
		state, err := r.samples.state()
		if err != nil {
			return err
		}
		s.Written = []fileState{state}
	}
	text, err := encode(r.info, s)
	if err != nil {
		return err
	}
	return replaceInfo(r.dir, text)
}

// replaceInfo replaces the contents of run.json in the folder dir by the given text. A reader sees
// either the old or the new contents.
func replaceInfo(dir string, text []byte) error {
	f, err := os.CreateTemp(dir, InfoFile+".*")
	if err != nil {
		return fmt.Errorf("cannot write to the folder of the run: %w", err)
	}
	_, err = f.Write(text)
	f.Chmod(0o666 &^ 0o022) // some file systems have no modes
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, InfoFile))
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// syncDir makes the system write the list of files in a folder to the disk. On file systems that do
// not support this, such as FAT, it returns no error.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
