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

// One at a time: the second is told who it is, and has it when the first is done.
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
	if !errors.As(err, &busy) || busy.Holder.PID != 4711 || !strings.Contains(err.Error(), "process 4711 measures this machine since ") || !strings.HasSuffix(err.Error(), "(1m0s): payoff run ?") {
		t.Errorf("the second is told %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if release, err = Hold(path, Holder{PID: 4712}); err != nil {
		t.Fatal(err)
	}
	if _, err := Hold(path, first); !strings.Contains(err.Error(), "process 4712 measures") {
		t.Errorf("the third is told %v", err)
	}
	release()
}

// What a lock's file says counts only while somebody holds it, and need not make sense.
func TestHoldOverWhatIsThere(t *testing.T) {
	for name, c := range map[string]struct{ text, told string }{
		"of one who was killed": {`{"PID":1,"Command":"payoff run a very long suite's name that is longer than the next one's"}`, "process 2 measures"},
		"nothing":               {"", "process 2 measures"},
		"nonsense":              {strings.Repeat("\x00", 1<<17), "process 2 measures"},
	} {
		path := filepath.Join(t.TempDir(), "lock")
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		release, err := Hold(path, Holder{PID: 2, Command: "payoff"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := Hold(path, Holder{}); err == nil || !strings.Contains(err.Error(), c.told) {
			t.Errorf("%s: the second is told %v", name, err)
		}
		if err := os.WriteFile(path, []byte("{"), 0); err != nil { // as it is while it is being written
			t.Fatal(err)
		}
		if _, err := Hold(path, Holder{}); err == nil || err.Error() != "another run measures this machine (it holds "+path+")" {
			t.Errorf("%s: of a holder who has not said who it is the second is told %v", name, err)
		}
		release()
	}
}

// A lock in a folder that everybody writes to is no way to have a file of somebody's changed.
func TestHoldFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	path, precious := filepath.Join(dir, "lock"), filepath.Join(dir, "precious")
	if err := errors.Join(os.WriteFile(precious, []byte("mine"), 0o600), os.Symlink(precious, path)); err != nil {
		t.Fatal(err)
	}
	if _, err := Hold(path, Holder{}); err == nil || !strings.Contains(err.Error(), "lock of this machine: open "+path) {
		t.Errorf("a link for a lock: %v", err)
	}
	if text, err := os.ReadFile(precious); string(text) != "mine" {
		t.Errorf("it holds %q now, %v", text, err)
	}
}

// Who waits is told once for whom, and stops waiting when told to.
func TestAwait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := Hold(path, Holder{PID: 1})
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	second, err := Await(t.Context(), path, Holder{PID: 2}, func(e *BusyError) {
		told++
		if e.Holder.PID != 1 {
			t.Errorf("it waits for %+v", e.Holder)
		}
		release()
	})
	if err != nil || told != 1 {
		t.Fatalf("told %d times: %v", told, err)
	}
	defer second()
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	_, err = Await(ctx, path, Holder{PID: 3}, func(*BusyError) { cancel(enough) })
	if busy := (*BusyError)(nil); !errors.Is(err, enough) || !errors.As(err, &busy) || busy.Holder.PID != 2 {
		t.Errorf("interrupted it says %v", err)
	}
}
