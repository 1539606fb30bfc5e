package python

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fake writes a shell script that replaces an interpreter, and returns its path.
func fake(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python3")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// found is the interpreter of this machine, which tests find once, since a search takes as long as a test.
var found = sync.OnceValues(func() (Interpreter, error) { return Find(context.Background(), "") })

// real returns the interpreter of this machine, and skips the test if there is none.
func real(t *testing.T) Interpreter {
	t.Helper()
	i, err := found()
	if err != nil {
		t.Skipf("no interpreter to test with: %v", err)
	}
	return i
}

func TestFindReportsTheRealInterpreter(t *testing.T) {
	i := real(t)
	if !filepath.IsAbs(i.Path) || !i.AtLeast(minimum) || i.Implementation == "" {
		t.Errorf("Find returned %+v; an absolute path, a version from 3.%d on and an implementation were expected", i, minimum)
	}
	again, err := Find(t.Context(), i.Path)
	if err != nil || again.String() != i.String() {
		t.Errorf("Find(%q) returned %v, %v; %v was expected", i.Path, again, err, i)
	}
}

func TestFindReadsFacts(t *testing.T) {
	path := fake(t, `echo noise; echo 'payoff-python {"path": "/opt/py", "version": "3.14.0rc1", "implementation": "CPython", "free_threaded": true, "modules": {"joblib": "1.4.2"}}'`)
	i, err := Find(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if i.Path != "/opt/py" || i.String() != "CPython 3.14.0rc1 without a global lock" || i.Modules["joblib"] != "1.4.2" || i.AtLeast(15) || !i.AtLeast(14) {
		t.Errorf("Find returned %+v, %v", i, i)
	}
}

func TestFindRefuses(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "python3")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, want string }{
		{"no file", filepath.Join(t.TempDir(), "none"), "there is no python interpreter"},
		{"not executable", empty, "is not a program that may be executed"},
		{"too old", fake(t, `echo 'payoff-python {"version": "2.7.18", "implementation": "CPython"}'`), "is Python 2.7.18; Python 3.8 or later is needed"},
		{"a little too old", fake(t, `echo 'payoff-python {"version": "3.7.16", "implementation": "CPython"}'`), "is Python 3.7.16"},
		{"not a Python", fake(t, "echo hello"), "is not a python interpreter"},
		{"broken", fake(t, "echo loading >&2; echo no module named encodings >&2; exit 3"), "is not a working python interpreter: exit status 3: no module named encodings"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Find(t.Context(), c.path); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Find returned error %v; %q was expected in it", err, c.want)
			}
		})
	}
}

func TestFindWithoutPath(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Find(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "there is no python3 in PATH") {
		t.Errorf("Find returned error %v; a missing python3 was expected", err)
	}
}

func TestFindEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("the test stops")
	cancel(stop)
	if _, err := Find(ctx, fake(t, "exec sleep 1000")); !errors.Is(err, stop) {
		t.Errorf("Find returned error %v; the cause of the context was expected", err)
	}
}
