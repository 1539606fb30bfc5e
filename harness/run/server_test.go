package run

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
)

// TestServer checks that a server ends when its input ends. If the server ended before a launch
// failed, the error of the launch must name the server.
func TestServer(t *testing.T) {
	runtime.LockOSThread() // the servers end with this thread
	defer runtime.UnlockOSThread()
	sh := func(script string) []string { return []string{"/bin/sh", "-c", script} }
	ctx := t.Context()
	failed := errors.New("connection refused")

	s, err := startServer(ctx, "workload echo", sh("echo 127.0.0.1:1; cat"), 1)
	if err != nil || s.address != "127.0.0.1:1" {
		t.Fatal(s, err)
	}
	if err := s.ended(failed); err != failed {
		t.Errorf("a running server: %v", err)
	}
	s.stop()
	if s.err != nil {
		t.Errorf("it did not end by itself: %v", s.err)
	}

	if s, err = startServer(ctx, "workload echo", sh("echo 127.0.0.1:1; echo broken >&2; exit 3"), 1); err != nil {
		t.Fatal(err)
	}
	<-s.gone
	var ended *ServerError
	if err := s.ended(failed); !errors.As(err, &ended) || !errors.Is(err, failed) ||
		!strings.HasSuffix(err.Error(), "ended by exit status 3 and printed broken: connection refused") {
		t.Errorf("a server that died: %v", err)
	}
	s.stop()

	if _, err := startServer(ctx, "workload echo", sh("echo no >&2; exit 1"), 1); err == nil || !strings.HasPrefix(err.Error(), "the server of workload echo (process ") || !strings.HasSuffix(err.Error(), "ended by exit status 1 and printed no: the server printed no address") {
		t.Errorf("a server that prints no address: %v", err)
	}
	if _, err := startServer(ctx, "workload echo", []string{t.TempDir() + "/none"}, 1); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no server: %v", err)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := startServer(done, "workload echo", sh("cat"), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
