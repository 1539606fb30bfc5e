package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// quickPeriod is short, for tests that wait for the loss of a host.
const quickPeriod = 500 * time.Millisecond

func (s *jetStream) options() Options {
	url, password := s.address()
	return Options{URL: url, User: user, Password: password, Period: quickPeriod}
}

// host starts a worker of durable executors on another host.
func (s *jetStream) host(t testing.TB, name string, slots int) *process {
	t.Helper()
	url, password := s.address()
	return newProcess(t, "queue", url, password, name, slots)
}

func (s *jetStream) executor(t testing.TB, workers int) *Durable {
	t.Helper()
	x, err := NewDurable(t.Context(), DurableConfig{Options: s.options(), Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Stop(context.Background()) })
	return x
}

var ended = func() context.Context {
	ctx, end := context.WithCancel(context.Background())
	end()
	return ctx
}()

// gates returns n inputs for the kernel gated. A task waits unless open returns true for its
// number.
func gates(t *testing.T, n int, open func(i int) bool) []string {
	dir := t.TempDir()
	in := make([]string, n)
	for i := range in {
		in[i] = filepath.Join(dir, fmt.Sprint(i))
		if open(i) {
			os.WriteFile(in[i], nil, 0o666)
		}
	}
	return in
}

// starts returns the number of times that the task with the given input has started.
func starts(path string) int {
	b, _ := os.ReadFile(path + ".started")
	return strings.Count(string(b), "\n")
}

// TestDurableSubmitterDies ends an executor while its named job runs. A second executor must use
// the outcomes of tasks that ended meanwhile, and run the other tasks. No task may run twice.
func TestDurableSubmitterDies(t *testing.T) {
	s := newJetStream(t)
	s.host(t, "far", 2)
	in := gates(t, 20, func(i int) bool { return i != 3 })
	first := s.executor(t, 2)
	o := strategies.Options{Chunk: chunk.Fixed(2)}
	failed := make(chan error, 1)
	go func() {
		_, err := gated.Map(context.Background(), first.Job("night"), in, o)
		failed <- err
	}()
	until(exists(in[3] + ".started"))
	first.Stop(ended)
	if err := <-failed; !errors.Is(err, work.ErrClosed) {
		t.Errorf("got error %v, want ErrClosed", err)
	}
	os.WriteFile(in[3], nil, 0o666)
	second := s.executor(t, 2)
	o.Chunk = chunk.Fixed(3) // chunks that the first executor has stored keep their size
	for range 2 {            // the second time, the server has all outcomes
		out, err := gated.Map(t.Context(), second.Job("night"), in, o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range in {
			if out[i] != in[i] || starts(in[i]) != 1 {
				t.Errorf("task %d has the output %q and ran %d times, want %q and once", i, out[i], starts(in[i]), in[i])
			}
		}
	}
	var job *JobError
	if _, err := gated.Map(t.Context(), second.Job("night"), in[1:], o); !errors.As(err, &job) {
		t.Errorf("fewer tasks: got error %v, want a JobError", err)
	}
	if _, err := echo.Map(t.Context(), second.Job("night"), in, o); !errors.As(err, &job) {
		t.Errorf("another kernel: got error %v, want a JobError", err)
	}
	other := append([]string{in[1]}, in[1:]...)
	if _, err := gated.Map(t.Context(), second.Job("night"), other, o); !errors.As(err, &job) {
		t.Errorf("other inputs: got error %v, want a JobError", err)
	}
	if err := second.Job("night").Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := gated.Map(t.Context(), second.Job("night"), other, o); err != nil {
		t.Error(err)
	}
	if starts(in[1]) != 3 { // once before Forget, and twice as tasks 0 and 1 after it
		t.Errorf("the input of two tasks of a forgotten job ran %d times, want 3", starts(in[1]))
	}
}

// TestDurableTakenOver starts a named job on two executors. The later one must take the job over.
func TestDurableTakenOver(t *testing.T) {
	s := newJetStream(t)
	s.host(t, "far", 1)
	in := gates(t, 4, func(i int) bool { return false })
	first, second := s.executor(t, 1), s.executor(t, 1)
	results := make(chan error, 2)
	run := func(x *Durable) {
		_, err := gated.Map(context.Background(), x.Job("night"), in, strategies.Options{Chunk: chunk.Fixed(1)})
		results <- err
	}
	go run(first)
	until(exists(in[0] + ".started"))
	go run(second)
	until(func() bool {
		_, seq, err := (&named{x: first, name: "night"}).read(t.Context())
		return err == nil && seq > 2 // messages 1 to 3: the first submitter's, the first chunk, the second submitter's
	})
	for _, path := range in {
		os.WriteFile(path, nil, 0o666)
	}
	var job *JobError
	a, b := <-results, <-results
	if !errors.As(errors.Join(a, b), &job) || a != nil && b != nil {
		t.Errorf("got errors %v and %v, want one JobError", a, b)
	}
	for _, path := range in {
		if starts(path) != 1 {
			t.Errorf("a task ran %d times, want once", starts(path))
		}
	}
}

// TestDurableLostHost kills a host while its task runs. Without retries, the task must fail with a
// LostError. With one retry, it must run again on the other host, and its outcome must count two
// attempts.
func TestDurableLostHost(t *testing.T) {
	if testing.Short() {
		t.Skip("waits until a host counts as lost")
	}
	for retries := range 2 {
		s := newJetStream(t)
		first := s.host(t, "first", 1)
		x := s.executor(t, 1)
		path := filepath.Join(t.TempDir(), "gate")
		attempts := make(chan int, 1)
		o := strategies.Options{Retries: retries, Hooks: &strategies.Hooks{Result: func(e strategies.Event) { attempts <- e.Attempt }}}
		f := gated.Go(t.Context(), x, path, o)
		until(exists(path + ".started"))
		s.host(t, "second", 1)
		first.Process.Kill()
		if retries > 0 {
			os.WriteFile(path, nil, 0o666)
		}
		_, err := f.Wait(t.Context())
		var lost *strategies.LostError
		switch {
		case retries == 0 && (!errors.As(err, &lost) || !strings.Contains(err.Error(), "first")):
			t.Errorf("got error %v, want a LostError that names the first host", err)
		case retries == 1 && err != nil:
			t.Error(err)
		case retries == 1:
			if n := <-attempts; n != 2 {
				t.Errorf("got %d attempts, want 2", n)
			}
		}
		if n := starts(path); n != 1+retries {
			t.Errorf("the task was started %d times, want %d", n, 1+retries)
		}
	}
}

// TestDurableServerRestarts kills the server while a task runs, and starts it again. The outcome of
// the task must arrive, and count one attempt.
func TestDurableServerRestarts(t *testing.T) {
	s := newJetStream(t)
	s.host(t, "far", 1)
	x := s.executor(t, 1)
	path := filepath.Join(t.TempDir(), "gate")
	f := gated.Go(t.Context(), x, path, strategies.Options{})
	until(exists(path + ".started"))
	s.kill()
	os.WriteFile(path, nil, 0o666)
	s.start(t)
	if out, err := f.Wait(t.Context()); out != path || err != nil || starts(path) != 1 {
		t.Errorf("got output %q, error %v and %d attempts, want %q after one attempt", out, err, starts(path), path)
	}
	if v, err := number.Go(t.Context(), x, 1, strategies.Options{}).Wait(t.Context()); v != 2 || err != nil {
		t.Error(v, err)
	}
}
