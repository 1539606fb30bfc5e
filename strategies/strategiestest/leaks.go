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

// patience is the longest time that a case may take.
const patience = 30 * time.Second

// watch runs f and reports whether f returned within patience. If it did not, watch prints the
// stacks of all goroutines, kills the worker processes and fails the test.
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
		t.Errorf("still running after %v:\n%s", patience, stacks[:runtime.Stack(stacks, true)])
		for pid := range children() {
			kill(pid)
		}
		select { // gives f time to return before the test ends, since f must not report afterwards
		case <-end:
		case <-time.After(patience / 6):
		}
		return false
	}
}

// A sight records the resources that exist before a case: descriptors, child processes and so on.
type sight struct {
	goroutines goleak.Option
	files      map[string]int // number of open descriptors, by the name of what they refer to
	children   map[int]string // child processes, by process id
}

func observe(t *testing.T) sight {
	// The Go runtime opens descriptors for its poller when the first pipe is created.
	if r, w, err := os.Pipe(); err == nil {
		r.Close()
		w.Close()
	}
	return sight{goleak.IgnoreCurrent(), descriptors(), children()}
}

// compare fails the test if there are resources that did not exist at the time of s. It first waits
// for them to disappear, for up to a third of patience.
func (s sight) compare(t *testing.T) {
	left := s.left()
	for deadline := time.Now().Add(patience / 3); len(left) > 0 && time.Now().Before(deadline); left = s.left() {
		time.Sleep(pollTime)
	}
	for _, what := range left {
		t.Errorf("left behind: %s", what)
	}
	if err := goleak.Find(s.goroutines); err != nil {
		t.Errorf("left behind: %v", err)
	}
}

// left returns the descriptors, child processes and temporary files that did not exist at the time
// of s.
func (s sight) left() (what []string) {
	for name, n := range descriptors() {
		if n > s.files[name] {
			what = append(what, "descriptor of "+name)
		}
	}
	for pid, name := range children() {
		if s.children[pid] == "" {
			what = append(what, "child process "+name)
		}
	}
	files, err := os.ReadDir(os.TempDir())
	if err != nil {
		what = append(what, err.Error())
	}
	for _, f := range files {
		what = append(what, "temporary file "+filepath.Join(os.TempDir(), f.Name()))
	}
	slices.Sort(what)
	return what
}
