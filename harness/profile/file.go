package profile

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/google/pprof/profile"

	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/strategies/profiler"
)

// A File is what one process of a launch left.
type File struct {
	Path    string
	Process string // value of the label [Process]
	Err     error  // why there is no profile in the file; nil if there may be one

	role string
	pid  int
	nth  int // counts processes with the same process id
}

// Worker reports whether the file is that of a worker process.
func (f File) Worker() bool { return f.role == profiler.Worker }

// errDied is the error of an empty file.
var errDied = errors.New("the process was killed, or exited by itself, before it wrote its profile")

// Files returns the files of the launch: first its own, then those of worker processes, sorted by
// process id, which is usually the order in which they started.
func (l Launch) Files() (files []File, err error) {
	entries, err := os.ReadDir(l.Dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name, failure := profiler.Failure(e.Name())
		stem, ok := strings.CutSuffix(name, "."+l.Kind)
		role, number, _ := strings.Cut(stem, "-")
		id, nth, _ := strings.Cut(number, "-")
		pid, err := strconv.Atoi(id)
		if !ok || err != nil {
			continue
		}
		f := File{Path: filepath.Join(l.Dir, e.Name()), Process: role, Err: failure, role: role, pid: pid}
		f.nth, _ = strconv.Atoi(nth)
		if info, err := e.Info(); err == nil && info.Size() == 0 && failure == nil {
			f.Err = errDied
		}
		files = append(files, f)
	}
	roles := []string{profiler.Launch, profiler.Helper, profiler.Worker}
	slices.SortFunc(files, func(a, b File) int {
		return cmp.Or(slices.Index(roles, a.role)-slices.Index(roles, b.role), a.pid-b.pid, a.nth-b.nth)
	})
	if len(files) == 0 || files[0].role != profiler.Launch {
		return nil, fmt.Errorf("%s: %s: no file of the launch: %w", l.Cell, l.Dir, fs.ErrNotExist)
	}
	workers := 0
	for i := range files {
		if files[i].Worker() {
			files[i].Process = fmt.Sprintf("w%d", workers)
			workers++
		}
	}
	return files, nil
}

// notes returns sentences about processes of the launch without a profile. reasons are those of the
// files that could not be read, and read is the number of all others.
func (l Launch) notes(files []File, read int, reasons []string) (notes []string) {
	if len(reasons) > 0 {
		notes = append(notes, fmt.Sprintf("%s: %s of %d left no profile, the others are kept; the first is %s", l.Cell, format.Count(len(reasons), "process"), read+len(reasons), reasons[0]))
	}
	return notes
}

// A FileError is the error for a file that is not a profile of the expected kind.
type FileError struct {
	Path string
	Err  error
}

func (e *FileError) Error() string { return e.Path + ": " + e.Err.Error() }
func (e *FileError) Unwrap() error { return e.Err }

// parse reads a profile and checks that it is of the kind. An empty kind stands for all kinds.
func parse(path, kind string) (*profile.Profile, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(b) == 0 {
		return nil, &FileError{path, errors.New("the file is empty")}
	}
	p, err := profile.ParseData(b)
	if err != nil {
		return nil, &FileError{path, fmt.Errorf("the file is torn or not a profile: %w", err)}
	}
	if kind != "" && index(p, kind) < 0 {
		return nil, &FileError{path, fmt.Errorf("the file is not a %s profile", kind)}
	}
	return p, nil
}
