//go:build unix

package procs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// mostFailures is how many starts may fail in a row.
const mostFailures = 5

// If an initialiser fails, New fails at once with the cause.
func TestInitFails(t *testing.T) {
	for do, want := range map[string]string{
		"error": "odd", "panic": "boom", "goexit": "Goexit", "exit": "exit status 3; last lines of standard error: last words",
		"hang": "not finished within 50ms", "garbage": "bad frame",
	} {
		c := config(2)
		c.Init = Prepare(prepare, do)
		if do == "hang" {
			c.Init.Limit = 50 * time.Millisecond
		}
		_, err := New(t.Context(), c)
		var e *StartError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || e.Worker == nil || e.Worker.PID == 0 {
			t.Errorf("%s: %v", do, err)
		}
	}
	c := config(1)
	c.Init = Init{Kernel: "other"}
	var e *StartError
	if _, err := New(t.Context(), c); !errors.As(err, &e) || e.Option != "initialiser" || !strings.Contains(err.Error(), "initialiser other: the worker program has no such kernel") {
		t.Error("unknown kernel:", err)
	}
	for _, misbehave := range []func(){func() {}, func() { panic("a panic") }} {
		bad := prepare
		bad.In.Append = func([]byte, string) ([]byte, error) { misbehave(); return nil, errors.New("no encoding") }
		c.Init = Prepare(bad, "")
		var codec *strategies.CodecError
		if _, err := New(t.Context(), c); !errors.As(err, &codec) {
			t.Error("argument that cannot be encoded:", err)
		}
	}
}

// If an initialiser fails later, queued tasks fail with the cause. Later jobs are served once it
// succeeds again.
func TestInitFailsLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "once")
	c := config(1)
	c.Init = Prepare(prepare, "once "+path)
	x := newExecutor(t, c)
	for range 2 {
		_, err := fault.Map(t.Context(), x, []string{"kill", "1", "2"}, strategies.Options{})
		var e *StartError
		var job *strategies.JobError
		if !errors.As(err, &e) || e.Option != "initialiser" || !strings.Contains(e.Error(), "not twice") || !errors.As(err, &job) || job.Task(2) == nil {
			t.Error(err)
		}
	}
	if n := x.Account().Restarts.Failed; n > 2*mostFailures {
		t.Errorf("%d starts failed", n)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if out, err := fault.Map(t.Context(), x, []string{"1"}, strategies.Options{}); err != nil || out[0] != "1" {
		t.Error("when it works again:", err)
	}
}
