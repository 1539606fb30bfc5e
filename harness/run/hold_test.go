package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestHold checks that one process at a time holds the lock, and that the error names the holder.
func TestHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first := Holder{PID: 4711, Command: "payoff run \xff", Since: time.Now().Add(-time.Minute)}
	release, err := Hold(path, first)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o666 {
		t.Errorf("others may not open the lock: %v, %v", st.Mode(), err)
	}
	_, err = Hold(path, Holder{PID: 4712})
	var busy *BusyError
	if !errors.As(err, &busy) || busy.Holder.PID != 4711 || !strings.Contains(err.Error(), "process 4711 has been measuring this machine since ") || !strings.HasSuffix(err.Error(), "(1m0s): payoff run ?") {
		t.Errorf("the second gets %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if release, err = Hold(path, Holder{PID: 4712}); err != nil {
		t.Fatal(err)
	}
	if _, err := Hold(path, first); !strings.Contains(err.Error(), "process 4712 has been measuring") {
		t.Errorf("the third gets %v", err)
	}
	release()
}

// TestHoldIgnoresOldText checks that Hold ignores the text in a lock file that no process holds.
func TestHoldIgnoresOldText(t *testing.T) {
	for name, text := range map[string]string{
		"a holder that was killed": `{"PID":1,"Command":"payoff run a very long suite's name that is longer than the next one's"}`,
		"nothing":                  "",
		"nonsense":                 strings.Repeat("\x00", 1<<17),
	} {
		path := filepath.Join(t.TempDir(), "lock")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		release, err := Hold(path, Holder{PID: 2, Command: "payoff"})
		if err != nil {
			t.Errorf("%s: got error %v", name, err)
			continue
		}
		if _, err := Hold(path, Holder{}); err == nil || !strings.Contains(err.Error(), "process 2 has been measuring") {
			t.Errorf("%s: the second gets %v", name, err)
		}
		if err := os.WriteFile(path, []byte("{"), 0); err != nil { // as if the holder were still writing
			t.Fatal(err)
		}
		if _, err := Hold(path, Holder{}); err == nil || err.Error() != "another run is measuring this machine (it holds the lock "+path+")" {
			t.Errorf("%s: for an unknown holder the second gets %v", name, err)
		}
		release()
	}
}

// TestHoldFollowsNoLink puts a symbolic link in place of the lock file. It checks that Hold does
// not change the file to which the link points.
func TestHoldFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	path, precious := filepath.Join(dir, "lock"), filepath.Join(dir, "precious")
	if err := errors.Join(os.WriteFile(precious, []byte("mine"), 0o600), os.Symlink(precious, path)); err != nil {
		t.Fatal(err)
	}
	if _, err := Hold(path, Holder{}); err == nil || !strings.Contains(err.Error(), "cannot lock this machine for measuring: open "+path) {
		t.Errorf("a link for a lock: %v", err)
	}
	if text, err := os.ReadFile(precious); string(text) != "mine" {
		t.Errorf("the target now holds %q, %v", text, err)
	}
}

// TestAwait checks that Await reports each holder once and stops waiting when its context ends.
func TestAwait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := Hold(path, Holder{PID: 1})
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	second, err := Await(t.Context(), path, Holder{PID: 2}, func(e *BusyError) {
		calls++
		if e.Holder.PID != 1 {
			t.Errorf("it waits for %+v", e.Holder)
		}
		release()
	})
	if err != nil || calls != 1 {
		t.Fatalf("%d calls of busy: %v", calls, err)
	}
	defer second()
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	_, err = Await(ctx, path, Holder{PID: 3}, func(*BusyError) { cancel(enough) })
	if busy := (*BusyError)(nil); !errors.Is(err, enough) || !errors.As(err, &busy) || busy.Holder.PID != 2 {
		t.Errorf("after an interrupt it returned %v", err)
	}
}
