package harness

import (
	"slices"
	"testing"
)

func TestEnvironment(t *testing.T) {
	environ := []string{"PATH=/bin", "GOGC=50", "GOMAXPROCS=1", "PAYOFF_LOCK=l", "PAYOFF_WORKER_PROFILE=p", "SPEED=slow", "SSH_TTY=/dev/pts/0", "_=/bin/x", "EMPTY=", "A=b=c", "$=x"}
	if got, want := Inherited(environ), []string{"PATH=/bin", "SPEED=slow", "SSH_TTY=/dev/pts/0", "_=/bin/x", "EMPTY=", "A=b=c", "$=x"}; !slices.Equal(got, want) {
		t.Errorf("inherited %q, want %q", got, want)
	}
	if got, want := Dropped(append(environ, "GOFLAGS=-v", "GODEBUG=")), []string{"GOGC", "GOMAXPROCS"}; !slices.Equal(got, want) {
		t.Errorf("dropped %q, want %q", got, want)
	}
	got := Fingerprint(environ)
	if len(got) != 4 || got["PATH"] == "" || got["EMPTY"] == "" || got["A"] == "" || got["SPEED"] == "" {
		t.Errorf("got %v", got)
	}
	if other := Fingerprint([]string{"SPEED=fast"}); other["SPEED"] == got["SPEED"] {
		t.Error("two values have one digest")
	}
}
