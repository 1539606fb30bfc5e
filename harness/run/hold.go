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

// A Holder is a process that measures a machine.
type Holder struct {
	PID     int
	Command string
	Since   time.Time
}

// A BusyError is a machine that another run measures.
type BusyError struct {
	Path   string // of the lock
	Holder Holder // zero where the lock does not say
}

func (e *BusyError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("another run measures this machine (it holds %s)", e.Path)
	}
	return fmt.Sprintf("process %d measures this machine since %s (%v): %s", e.Holder.PID,
		e.Holder.Since.Local().Format(time.DateTime), time.Since(e.Holder.Since).Round(time.Second), e.Holder.Command)
}

// Hold makes this process the only one that measures this machine, by a lock on the file at
// path, which is made if it is missing. The lock ends with the process, however that ends.
// If another holds it the error is a [BusyError].
//
// The file may be in a folder that all users share: it belongs to the first user, all may write
// it, and it is never a link.
func Hold(path string, who Holder) (release func() error, err error) {
	f, err := openLock(path)
	if err != nil {
		return nil, fmt.Errorf("lock of this machine: %w", err)
	}
	switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		defer f.Close()
		busy := &BusyError{Path: path}
		text, _ := io.ReadAll(io.LimitReader(f, 1<<16))
		if json.Unmarshal(text, &busy.Holder) != nil { // it is being written
			busy.Holder = Holder{}
		}
		return nil, busy
	case err != nil:
		f.Close()
		return nil, fmt.Errorf("lock of this machine: %s: %w", path, err)
	}
	who.Command = strings.ToValidUTF8(who.Command, "?")
	text, err := json.Marshal(who)
	if err == nil { // the lock holds without the text too
		f.Truncate(0)
		f.WriteAt(append(text, '\n'), 0)
	}
	return f.Close, nil
}

// openLock opens the file without following a link. Systems that protect shared folders
// refuse to create over the file of another user, hence first without.
func openLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o666); err == nil {
			f.Chmod(0o666) // for all users, whatever the mask; it fails if the file is another user's
		}
	}
	return f, err
}

// Await is [Hold], but waits for as long as another holds the lock. Busy is called once for
// each holder that it waits for.
func Await(ctx context.Context, path string, who Holder, busy func(*BusyError)) (release func() error, err error) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var told Holder
	for {
		who.Since = time.Now()
		release, err := Hold(path, who)
		var other *BusyError
		if !errors.As(err, &other) {
			return release, err
		}
		if other.Holder.PID != 0 && (other.Holder.PID != told.PID || !other.Holder.Since.Equal(told.Since)) {
			told = other.Holder
			busy(other)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w; interrupted while waiting: %w", other, context.Cause(ctx))
		}
	}
}
