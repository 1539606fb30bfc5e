package record

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
)

// A log is a text file to which samples are appended. Each sample is on the disk before the next
// one. A sample that cannot be written leaves nothing behind.
type log struct {
	path  string
	file  appender
	size  int64           // length of the file up to the last complete sample
	torn  bool            // the file is longer than size and must be truncated
	count int             // samples
	units map[string]bool // units that have a Unit line
}

// An appender is the file of a [log]. It has the methods of [os.File] that a log uses.
type appender interface {
	io.WriteCloser
	Sync() error
	Truncate(size int64) error
}

// createLog creates the file at path, which must not exist.
func createLog(path string) (*log, error) { return openLog(path, os.O_CREATE|os.O_EXCL) }

// openLog opens the file at path for appending. The argument flags holds further flags for
// [os.OpenFile].
func openLog(path string, flags int) (*log, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|flags, 0o666)
	if err != nil {
		return nil, err
	}
	return &log{path: path, file: f, units: map[string]bool{}}, nil
}

// resumeLog opens the file at path, which has the given text, to append further samples. whole is the
// length of the text up to the last complete sample, and count the number of samples.
func resumeLog(path string, text []byte, whole, count int) (*log, error) {
	l, err := openLog(path, 0)
	if err != nil {
		return nil, err
	}
	l.size, l.torn, l.count = int64(whole), whole < len(text), count
	for line := range strings.Lines(string(text[:whole])) {
		if unit, ok := strings.CutPrefix(line, "Unit "); ok {
			unit, _, _ = strings.Cut(unit, " ")
			l.units[unit] = true
		}
	}
	return l, nil
}

// sample appends the text of a sample with the given units.
func (l *log) sample(text []byte, units iter.Seq[string]) error {
	if err := l.append(text); err != nil {
		return err
	}
	for unit := range units {
		l.units[unit] = true
	}
	l.count++
	return nil
}

// append appends text to the file and syncs the file. If this fails, append removes what it wrote
// of the text and returns a [FullError].
func (l *log) append(text []byte) (err error) {
	if l.torn {
		err = reason(l.file.Truncate(l.size))
	}
	if err == nil {
		l.torn = false
		if _, err = l.file.Write(text); err == nil {
			err = l.file.Sync()
		}
		if err != nil {
			err = errors.Join(reason(err), reason(l.file.Truncate(l.size)))
		}
	}
	if err != nil {
		return &FullError{Path: l.path, Kept: l.count, Err: err}
	}
	l.size += int64(len(text))
	return nil
}

// close closes the file. It does nothing for a nil log.
func (l *log) close() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}

// A FullError is the error for a sample that could not be written, for example to a full disk. The
// samples before it are kept.
type FullError struct {
	Path string
	Kept int // samples on disk
	Err  error
}

func (e *FullError) Error() string {
	return fmt.Sprintf("%s: %v; the %d earlier samples are kept", e.Path, e.Err, e.Kept)
}

func (e *FullError) Unwrap() error { return e.Err }

// reason returns the cause of an error of package os, without the operation and the file name.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
