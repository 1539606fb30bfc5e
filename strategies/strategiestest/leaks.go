package strategiestest

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is the time limit of a case. A case that takes longer hangs. Most cases take less than a
// second, but on a busy machine some of them take a minute.
const patience = 2 * time.Minute

// watch runs f and reports whether f returned within the time limit of a case, the constant
// patience. If f did not, watch fails the test with the stacks of all goroutines, and kills the
// worker processes.
func watch(t *testing.T, f func()) (ended bool) {
	end := make(chan struct{})
	go func() {
		defer close(end)
		f()
	}()
	select {
	case <-end:
		return true
	case <-time.After(patience):
		stacks := make([]byte, 1<<20)
		t.Errorf("the case still runs after %v; stacks of all goroutines:\n%s", patience, stacks[:runtime.Stack(stacks, true)])
		for pid := range children() {
			kill(pid)
		}
		select { // wait for f a little longer, because f must not use t after the test has ended
		case <-end:
		case <-time.After(patience / 20):
		}
		return false
	}
}

// A sight records which resources this process has when a case begins: goroutines, descriptors and
// child processes.
type sight struct {
	goroutines goleak.Option
	files      map[string]int // number of open descriptors, by the name of the file behind them
	children   map[int]string // child processes, by process id
}

func observe(t *testing.T) sight {
	// The Go runtime opens descriptors for its poller when the program creates its first pipe.
	// Create one now, so that these descriptors do not count as leaks.
	if r, w, err := os.Pipe(); err == nil {
		r.Close()
		w.Close()
	}
	return sight{goleak.IgnoreCurrent(), descriptors(), children()}
}

// compare fails the test if the process has resources that it did not have when s was recorded.
// Before that, it waits until these resources disappear, for at most a third of the constant
// patience.
func (s sight) compare(t *testing.T) {
	left := s.left()
	for deadline := time.Now().Add(patience / 3); len(left) > 0 && time.Now().Before(deadline); left = s.left() {
		time.Sleep(pollTime)
	}
	for _, leak := range left {
		t.Errorf("the case leaves behind: %s", leak)
	}
	if err := goleak.Find(s.goroutines); err != nil {
		t.Errorf("the case leaves goroutines behind: %v", err)
	}
}

// left returns descriptions of the descriptors, child processes and temporary files that exist now
// but did not when s was recorded.
func (s sight) left() (leaks []string) {
	for name, n := range descriptors() {
		if n > s.files[name] {
			leaks = append(leaks, "descriptor of "+name)
		}
	}
	for pid, name := range children() {
		if s.children[pid] == "" {
			leaks = append(leaks, "child process "+name)
		}
	}
	files, err := os.ReadDir(os.TempDir())
	if err != nil {
		leaks = append(leaks, err.Error())
	}
	for _, f := range files {
		leaks = append(leaks, "temporary file "+filepath.Join(os.TempDir(), f.Name()))
	}
	slices.Sort(leaks)
	return leaks
}
