package record

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/payoff-bench/payoff/harness"
)

// A killed run cannot remove the folder of its launch, so the next run in the same results folder
// does. A run in progress holds a lock on its folder, which the system releases when the process
// ends.

// lock locks the folder dir for this process until the returned file is closed. It returns an error
// if another process holds the lock, or if the system does not support such locks.
func lock(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// sweep removes the temporary folders that killed runs left behind for their launches. It looks for
// them in all run folders in the folder results. It ignores errors.
func sweep(results string) {
	left, _ := fs.Glob(os.DirFS(results), "*/"+harness.LaunchFolder+"*")
	for _, name := range left {
		folder := filepath.Join(results, filepath.FromSlash(name))
		dir, number := filepath.Dir(folder), strings.TrimPrefix(filepath.Base(folder), harness.LaunchFolder)
		st, err := os.Stat(folder)
		if err != nil || !st.IsDir() || number == "" || strings.Trim(number, "0123456789") != "" || !unfinished(dir) {
			continue
		}
		if held, err := lock(dir); err == nil { // the lock shows that the run is not in progress
			os.RemoveAll(folder)
			held.Close()
		}
	}
}

// unfinished reports whether dir is the folder of a run that has started but has not finished.
func unfinished(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, InfoFile))
	if err != nil {
		return false
	}
	info, err := decode(text)
	return err == nil && !info.Started.IsZero() && info.Finished.IsZero()
}
