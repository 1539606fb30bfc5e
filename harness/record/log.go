package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
	"syscall"
)

// A log is a text file to which samples are appended. It syncs each sample to the disk before it
// writes the next one. If it cannot write a sample completely, it removes the written part.
type log struct {
	path  string
	file  appender
	size  int64           // length of the file up to the last complete sample
	torn  bool            // the file is longer than size and must be truncated
	count int             // number of samples
	units map[string]bool // units that have a Unit line
	now   running         // digest of the file
	signs bool            // each sample gets a digest; false for files of older versions, which have none
}

// An appender is the file to which a [log] writes. It has those methods of [os.File] that a log
// uses.
type appender interface {
	io.WriteCloser
	Sync() error
	Stat() (fs.FileInfo, error)
	Truncate(size int64) error
}

// createLog creates the file at path for appending. If the file exists, createLog returns an error.
func createLog(path string) (*log, error) { return openLog(path, os.O_CREATE|os.O_EXCL) }

// openLog opens the file at path for appending. It passes the given flags, in addition to those for
// appending, to [os.OpenFile]. If the file has another name (a hard link), openLog returns an error,
// because the file may then belong to another folder too.
func openLog(path string, flags int) (*log, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|flags, 0o666)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && names(st) > 1 {
		err = fmt.Errorf("%s has %d names (hard links), so it may be the file of another run too; replace it by a copy", path, names(st))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &log{path: path, file: f, units: map[string]bool{}, now: newRunning(), signs: true}, nil
}

// names returns the number of names (hard links) of a file.
func names(st fs.FileInfo) uint64 {
	if s, ok := st.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Nlink)
	}
	return 1
}

// resumeLog opens the file at path to append further samples. The argument text is the contents of
// the file. The argument whole is the length of the text up to the end of the last complete sample,
// and count is the number of complete samples.
func resumeLog(path string, text []byte, whole, count int) (*log, error) {
	l, err := openLog(path, 0)
	if err != nil {
		return nil, err
	}
	l.size, l.torn, l.count = int64(whole), whole < len(text), count
	l.now, _, _ = checkLines(text[:whole], 0)
	l.signs = bytes.HasPrefix(text, []byte(runLine))
	for line := range strings.Lines(string(text[:whole])) {
		if unit, ok := strings.CutPrefix(line, "Unit "); ok {
			unit, _, _ = strings.Cut(unit, " ")
			l.units[unit] = true
		}
	}
	return l, nil
}

// sample appends text, which describes one sample, to the file. The argument units lists the units
// of the sample.
func (l *log) sample(text []byte, units iter.Seq[string]) error {
	signed, err := text, error(nil)
	if l.signs {
		if signed, err = l.now.signed(text); err != nil {
			return err
		}
	}
	if err := l.write(signed); err != nil {
		return err
	}
	l.now.add(text)
	for unit := range units {
		l.units[unit] = true
	}
	l.count++
	return nil
}

// append appends text that is not a sample to the file. If it cannot write the text, it returns a
// [FullError].
func (l *log) append(text []byte) error {
	err := l.write(text)
	if err == nil {
		l.now.add(text)
	}
	return err
}

// mend removes an incomplete sample from the end of the file.
func (l *log) mend() error {
	if !l.torn {
		return nil
	}
	err := reason(l.file.Truncate(l.size))
	l.torn = err != nil
	return err
}

// state returns the length and the digest of the file. It first removes an incomplete sample from
// the end of the file.
func (l *log) state() (fileState, error) {
	return fileState{l.size, l.now.String()}, l.mend()
}

// write writes text at the end of the file and syncs the file to the disk. If this fails, write
// removes the part of the text that it wrote, and returns a [FullError].
func (l *log) write(text []byte) (err error) {
	if err := l.lost(); err != nil {
		return err
	}
	if err = l.mend(); err == nil {
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

// lost returns an error if the file at the log's path is no longer the file that the log has open,
// for example because an editor replaced it. Samples that are appended to the open file would then
// be lost.
func (l *log) lost() error {
	open, err := l.file.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", l.path, reason(err))
	}
	named, err := os.Stat(l.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(open, named) {
		return fmt.Errorf("%s: another program replaced or removed the file during the run; start a new run", l.path)
	}
	return err
}

// close closes the file of the log. It does nothing if l is nil.
func (l *log) close() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}

// A FullError is the error for a sample that could not be written, for example because the disk is
// full. The samples that were written before remain.
type FullError struct {
	Path string
	Kept int // samples on disk
	Err  error
}

func (e *FullError) Error() string {
	return fmt.Sprintf("%s: %v; the %d earlier samples are kept", e.Path, e.Err, e.Kept)
}

func (e *FullError) Unwrap() error { return e.Err }

// reason returns the cause of an error of package os, such as "no space left on device", without
// the operation and the file name.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
