package record

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/payoff-bench/payoff/harness"
)

// A run that is killed cannot remove the folder of its launch. The next run beside it does.
// To tell it from one that is still going on, a run keeps its folder locked; the lock ends
// with the process, whatever ends that.

// lock locks the folder dir until the file is closed. It fails if another has locked it and
// where there are no such locks.
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

// sweep removes what killed runs in results have left of their launches. What it cannot
// remove is not this run's concern.
func sweep(results string) {
	runs, _ := os.ReadDir(results)
	for _, run := range runs {
		if !run.IsDir() {
			continue
		}
		dir := filepath.Join(results, run.Name())
		var left []string
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			number, ok := strings.CutPrefix(e.Name(), harness.LaunchFolder)
			if ok && e.IsDir() && number != "" && strings.Trim(number, "0123456789") == "" {
				left = append(left, filepath.Join(dir, e.Name()))
			}
		}
		if len(left) == 0 || !unfinished(dir) {
			continue
		}
		held, err := lock(dir)
		if err != nil {
			continue // it is still going on
		}
		for _, folder := range left {
			os.RemoveAll(folder)
		}
		held.Close()
	}
}

// unfinished reports whether dir is the folder of a run that has not come to its end.
func unfinished(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, InfoFile))
	var info harness.Info
	return err == nil && json.Unmarshal(text, &info) == nil && !info.Started.IsZero() && info.Finished.IsZero()
}
