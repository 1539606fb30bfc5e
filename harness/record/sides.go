package record

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A SidesRun writes the samples and the info of a comparison of two programs to the comparison's
// folder. The folder contains run.json and, for each [harness.Side], a folder with samples.txt. A
// SidesRun is not safe for concurrent use.
type SidesRun struct {
	dir  string
	id   string   // see [seal]
	held *os.File // the lock on the folder; nil if locks are not supported
	logs [harness.Sides]*log
}

// CreateSides creates the folder dir, and missing parent folders, for a new comparison of two
// programs. It stores info in run.json, as JSON. Each file for samples begins with a description of
// the machine and the import path pkg of the package whose benchmarks are compared, if pkg is not
// "". If dir exists and is not empty, CreateSides returns an [ExistsError]. If CreateSides fails,
// it removes the folder.
func CreateSides(dir string, info any, m harness.Machine, pkg string) (r *SidesRun, err error) {
	if names, err := os.ReadDir(dir); err == nil && len(names) > 0 {
		return nil, &ExistsError{dir}
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot create the folder for the run: %w", err)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("cannot create the folder for the run: %w", err)
	}
	r = &SidesRun{dir: dir}
	r.held, _ = lock(dir)
	if r.id, err = newID(info); err == nil {
		err = r.Info(info)
	}
	header := appendHeader(nil, m)
	if pkg != "" {
		header = append([]byte("pkg: "+pkg+"\n"), header...)
	}
	for side := range r.logs {
		path := r.path(harness.Side(side))
		if err == nil {
			err = os.Mkdir(filepath.Dir(path), 0o777)
		}
		if err == nil {
			r.logs[side], err = createLog(path)
		}
		if err == nil {
			err = r.logs[side].append(append(firstLine(r.id, harness.Side(side).String()), header...))
		}
		if err == nil {
			err = syncDir(filepath.Dir(path))
		}
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return nil, errors.Join(err, r.Close(), os.RemoveAll(dir))
	}
	return r, nil
}

func (r *SidesRun) path(side harness.Side) string {
	return filepath.Join(r.dir, side.String(), SamplesFile)
}

// IsSides reports whether dir is the folder of a comparison of two programs.
func IsSides(dir string) bool {
	var r SidesRun
	r.dir = dir
	for side := range r.logs {
		if _, err := os.Stat(r.path(harness.Side(side))); err != nil {
			return false
		}
	}
	return true
}

// Info writes info as JSON to run.json. It replaces the contents of the file.
func (r *SidesRun) Info(info any) error {
	s := seal{ID: r.id}
	for _, l := range r.logs {
		if l == nil || r.id == "" { // the files are not yet created, or of an older version
			continue
		}
		state, err := l.state()
		if err != nil {
			return err
		}
		s.Written = append(s.Written, state)
	}
	text, err := sealed(info, s)
	if err != nil {
		return err
	}
	return replaceInfo(r.dir, text)
}

// Sample appends the sample s to the samples.txt of the given side, and syncs the file to the disk.
// If this fails, Sample leaves the file unchanged and returns a [FullError].
func (r *SidesRun) Sample(side harness.Side, s harness.SideSample) error {
	l := r.logs[side]
	text, err := l.appendSide(nil, s)
	if err != nil {
		return err
	}
	return l.sample(text, maps.Keys(s.Values))
}

// Count returns the number of samples of all sides that are on the disk.
func (r *SidesRun) Count() (n int) {
	for _, l := range r.logs {
		n += l.count
	}
	return n
}

// Close closes the files of the comparison and releases the lock on its folder.
func (r *SidesRun) Close() (err error) {
	for _, l := range r.logs {
		err = errors.Join(err, l.close())
	}
	if r.held != nil {
		err = errors.Join(err, r.held.Close())
	}
	return err
}

// Sides are the contents of the folder of a comparison of two programs.
type Sides struct {
	Samples [harness.Sides][]harness.SideSample // samples of each side, in the order of the launches
	Notes   []string                            // notes about lines that were left out
	Foreign string                              // as in [harness.Info]
}

// ReadSides reads the folder of a comparison of two programs. It stores the contents of run.json in
// info.
func ReadSides(dir string, info any) (Sides, error) {
	var r SidesRun
	return r.read(dir, info, false)
}

// ResumeSides opens the folder of an interrupted comparison, so that the comparison can continue.
// It reads the folder as [ReadSides] does. If another process is writing to the folder, ResumeSides
// returns a [HeldError]. The caller should not continue a comparison if s.Foreign is set; see
// [Resume].
func ResumeSides(dir string, info any) (r *SidesRun, s Sides, err error) {
	held, err := lock(dir) // other errors mean that locks are not supported
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, s, &HeldError{dir}
	}
	r = &SidesRun{held: held}
	if s, err = r.read(dir, info, true); err != nil {
		return nil, s, errors.Join(err, r.Close())
	}
	return r, s, nil
}

// read reads the folder dir of a comparison. If the flag open is set, it also opens the files of
// the folder for writing.
func (r *SidesRun) read(dir string, info any, open bool) (s Sides, err error) {
	r.dir = dir
	path := filepath.Join(dir, InfoFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	var of struct{ Finished time.Time }
	own, changed, err := unsealed(text)
	if err = cmp.Or(err, json.Unmarshal(text, info), json.Unmarshal(text, &of)); err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	if r.id = own.ID; changed {
		s.Foreign = InfoFile + " was changed after the run"
	}
	for side := range r.logs {
		path := r.path(harness.Side(side))
		text, err := os.ReadFile(path)
		if err != nil {
			return s, err
		}
		p, err := parseSides(path, text)
		if err != nil {
			return s, err
		}
		s.Samples[side], s.Notes = p.samples, append(s.Notes, p.notes...)
		s.Foreign = cmp.Or(s.Foreign, own.doubt(text, harness.Side(side).String(), side, !of.Finished.IsZero()))
		if open {
			if r.logs[side], err = resumeLog(path, text, p.whole, len(p.samples)); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

// appendSide appends the lines that describe the sample s to dst: a comment and a benchmark line,
// as in [Run.appendSample].
func (l *log) appendSide(dst []byte, s harness.SideSample) ([]byte, error) {
	units, err := order(s.Values)
	if err == nil {
		err = checkBenchmark(s.Name)
	}
	if err != nil {
		return dst, fmt.Errorf("sample of %s: %w", s.Name, err)
	}
	rank := func(unit string) int {
		return slices.Index([]string{harness.UnitAllocsOp, harness.UnitBytesOp, harness.UnitOp}, unit)
	}
	slices.SortStableFunc(units, func(a, b harness.Unit) int { return rank(b.Name) - rank(a.Name) })
	for _, u := range units {
		if better := harness.BetterOf(u.Name); better != "" && !l.units[u.Name] {
			dst = append(dst, "Unit "+u.Name+" better="+better+"\n"...)
		}
	}
	dst = fmt.Appendf(dst, "%sround=%d attempt=%d at=%s wall=%d cpu=%d marks=", launchLine,
		s.Round, s.Attempt, s.At.UTC().Format(time.RFC3339Nano), s.Wall, s.CPU)
	for i, mark := range s.Marks {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, mark...)
	}
	dst = fmt.Appendf(dst, "\nBenchmark%s %d", s.Name, max(1, s.Reps))
	for _, u := range units {
		dst = append(dst, ' ')
		dst = appendValue(dst, s.Values[u.Name])
		dst = append(dst, " "+u.Name...)
	}
	return append(dst, '\n'), nil
}
