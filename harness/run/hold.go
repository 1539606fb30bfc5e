package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"
)

// A Holder describes the process that holds the machine's lock; see [Hold].
type Holder struct {
	PID     int
	Command string
	Since   time.Time
}

// A BusyError is the error for a machine that another run is measuring now.
type BusyError struct {
	Path   string // path of the lock
	Holder Holder // process that holds the lock; zero if unknown
}

func (e *BusyError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("another run is measuring this machine (it holds the lock %s)", e.Path)
	}
	return fmt.Sprintf("process %d has been measuring this machine since %s (%v): %s", e.Holder.PID,
		e.Holder.Since.Local().Format(time.DateTime), time.Since(e.Holder.Since).Round(time.Second), e.Holder.Command)
}

// Hold locks the file at path, so that only one process at a time measures this machine. It creates
// the file if necessary, and writes holder, the description of this process, to it. The lock ends
// when the caller calls release or when this process ends. If another process holds the lock, Hold
// returns a [BusyError].
//
// The file may be in a folder that all users share. So the file is writable for all users, and Hold
// does not follow a symbolic link at path.
func Hold(path string, holder Holder) (release func() error, err error) {
	f, err := openLock(path)
	if err != nil {
		return nil, fmt.Errorf("cannot lock this machine for measuring: %w", err)
	}
	switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		defer f.Close()
		busy := &BusyError{Path: path}
		text, _ := io.ReadAll(io.LimitReader(f, 1<<16))
		if json.Unmarshal(text, &busy.Holder) != nil { // the holder is writing it
			busy.Holder = Holder{}
		}
		return nil, busy
	case err != nil:
		f.Close()
		return nil, fmt.Errorf("cannot lock this machine for measuring: %s: %w", path, err)
	}
	holder.Command = strings.ToValidUTF8(holder.Command, "?")
	text, err := json.Marshal(holder)
	if err == nil { // the lock is also valid without the text
		f.Truncate(0)
		f.WriteAt(append(text, '\n'), 0)
	}
	return f.Close, nil
}

// openLock opens the file at path, and creates it if it does not exist. It does not follow a
// symbolic link at path. It first tries to open the file without O_CREATE, because systems that
// protect shared folders do not allow O_CREATE for an existing file of another user.
func openLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o666); err == nil {
			f.Chmod(0o666) // for all users, independent of umask; it fails if another user created the file
		}
	}
	return f, err
}

// Await is like [Hold], but if another process holds the lock, Await waits until the lock is free.
// It calls the function busy once for each process that it waits for.
func Await(ctx context.Context, path string, holder Holder, busy func(*BusyError)) (release func() error, err error) {
	var told Holder
	for {
		holder.Since = time.Now()
		release, err := Hold(path, holder)
		var other *BusyError
		if !errors.As(err, &other) {
			return release, err
		}
		if other.Holder.PID != 0 && (other.Holder.PID != told.PID || !other.Holder.Since.Equal(told.Since)) {
			told = other.Holder
			busy(other)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, fmt.Errorf("%w; interrupted while waiting: %w", other, context.Cause(ctx))
		}
	}
}
