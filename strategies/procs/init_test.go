//go:build unix

package procs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// mostFailures is the number of starts in a row that may fail.
const mostFailures = 5

// If an initialiser fails, New fails at once with the cause.
func TestInitFails(t *testing.T) {
	for do, want := range map[string]string{
		"error": "odd", "panic": "boom", "goexit": "Goexit", "exit": "exit status 3; last lines of standard error: last words",
		"kill": "signal: killed",
		"hang": "not finished within 50ms", "garbage": "bad frame",
	} {
		c := config(2)
		c.Init = Prepare(prepare, do)
		if do == "hang" {
			c.Init.Limit = 50 * time.Millisecond
		}
		_, err := New(t.Context(), c)
		var e *StartError
		var initial *InitError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || e.Worker == nil || e.Worker.PID == 0 {
			t.Errorf("%s: %v", do, err)
		}
		if !errors.As(err, &initial) || initial.Kernel != prepare.Name || strings.Contains(err.Error(), "go build") {
			t.Errorf("%s: the error does not name the initialiser alone: %v", do, err)
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

// Workers that are killed before their first task are lost workers, and others take their place.
func TestKilledBeforeFirstTask(t *testing.T) {
	x := newExecutor(t, config(1))
	last := 0
	for range mostFailures + 1 {
		for {
			if pids := x.PIDs(); len(pids) == 1 && pids[0] != last {
				last = pids[0]
				break
			}
			time.Sleep(time.Millisecond)
		}
		if err := syscall.Kill(last, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := fault.Map(t.Context(), x, []string{"1"}, strategies.Options{}); err != nil || out[0] != "1" {
		t.Error(err)
	}
	if r := x.Account().Restarts; r.Failed > 0 || r.Lost <= mostFailures {
		t.Errorf("%+v", r)
	}
}
