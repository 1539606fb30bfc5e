//go:build unix

package procs

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// numbered returns the inputs of n normal tasks: "0", "1" and so on.
func numbered(n int) []string {
	in := make([]string, n)
	for i := range in {
		in[i] = strconv.Itoa(i)
	}
	return in
}

// TestLimit checks a task that exceeds its time limit. Only this task must fail, even if it ignores
// the attempts to stop it.
func TestLimit(t *testing.T) {
	c := config(2)
	c.Grace = time.Millisecond
	x := newExecutor(t, c)
	// On a busy machine a trivial task may take tens of ms.
	const limit = 400 * time.Millisecond
	for i, do := range []string{"hang", "stubborn", "spin", "grandchild hang", "listen"} {
		size := []int{1, 20}[i%2]
		t.Run(fmt.Sprintf("%s/chunk=%d", do, size), func(t *testing.T) {
			in := numbered(40)
			in[3], in[25] = do, do
			out, err := fault.Map(t.Context(), x, in, strategies.Options{
				Chunk: chunk.Fixed(size), Limit: limit,
			})
			var e *strategies.JobError
			if !errors.As(err, &e) || e.Failed != 2 || e.Skipped > 0 || slices.Collect(e.Failures())[0].Task != 3 || slices.Collect(e.Failures())[1].Task != 25 {
				t.Fatal(err)
			}
			for task := range e.Failures() {
				var over *strategies.TimeoutError
				if !errors.As(task, &over) || over.Limit != limit || task.Worker == nil {
					t.Error(task)
				}
			}
			for i, v := range out {
				if in[i] != do && v != in[i] {
					t.Errorf("output %d is %q", i, v)
				}
			}
		})
	}
	if r := x.Account().Restarts; r.Limit != 10 || r.Lost != 0 || r.Failed != 0 {
		t.Errorf("got restarts %+v, want 10 because of limits and none lost or failed", r)
	}
}

// TestLimitIsToldAtOnce checks a task that exceeds its time limit:
//
//   - The task has its outcome before its worker has ended. In this test, Config.Grace gives the
//     worker an hour to end.
//   - Outcomes of earlier tasks that the worker holds are delivered first.
//   - Tasks that the worker has not started run on another worker.
//   - Data that the worker sends later is ignored.
func TestLimitIsToldAtOnce(t *testing.T) {
	c := config(1)
	c.Grace = time.Hour
	x, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var over *strategies.TimeoutError
	if _, err := fault.Map(t.Context(), x, []string{"1", "stubborn"}, strategies.Options{Limit: 400 * time.Millisecond}); !errors.As(err, &over) {
		t.Errorf("task over its limit on the only worker: got error %v, want a TimeoutError", err)
	}
	x.Stop(cancelled)
	for _, do := range []string{"hang", "stubborn", "listen", "listen for long"} {
		c.Workers = 2
		x, err := New(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		in := numbered(60)
		in[31] = do
		i := 0
		for v, err := range fault.Stream(t.Context(), x, slices.Values(in), strategies.Options{
			Chunk: chunk.Fixed(20), Limit: 400 * time.Millisecond,
		}) {
			switch {
			case i == 31 && !errors.As(err, &over):
				t.Errorf("%s: got %q and error %v, want a TimeoutError", do, v, err)
			case i != 31 && (err != nil || v != in[i]):
				t.Errorf("%s: got output %q and error %v of task %d, want %q", do, v, err, i, in[i])
			}
			i++
		}
		_, err = fault.Map(t.Context(), x, numbered(100), strategies.Options{})
		if c := x.Counts(); i != 60 || err != nil || c != (strategies.Counts{Submitted: 160, Succeeded: 159, Failed: 1}) {
			t.Errorf("%s: got %d outcomes of the stream, error %v of the next map, and counts %+v", do, i, err, c)
		}
		x.Stop(cancelled)
		if r := x.Account().Restarts; r != (Restarts{Limit: 1}) {
			t.Errorf("%s: got restarts %+v, want one because of a limit", do, r)
		}
	}
}

// TestLimitIsPerTask checks that the limit applies to a task, not to a chunk. Tasks with a limit do
// not affect tasks without a limit.
func TestLimitIsPerTask(t *testing.T) {
	x := newPool(t, 1)
	in := make([]string, 20)
	for i := range in {
		in[i] = "sleep"
	}
	done := make(chan error)
	go func() {
		_, err := fault.Map(context.Background(), x, in[:5], strategies.Options{})
		done <- err
	}()
	_, err := fault.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(20), Limit: 10 * time.Second})
	if err := errors.Join(err, <-done); err != nil || x.Account().Restarts != (Restarts{}) {
		t.Errorf("got error %v and restarts %+v, want none", err, x.Account().Restarts)
	}
}

// TestRetries checks that a task that is lost with its worker runs again, up to Retries times. Its
// error contains the number of attempts.
func TestRetries(t *testing.T) {
	x := newPool(t, 2)
	for _, size := range []int{1, 7, 100} {
		for retries, fails := range map[int]bool{0: true, 1: true, 2: true, 3: false, 5: false} {
			dir := t.TempDir()
			in := numbered(100)
			bad := []int{0, 31, 32, 99}
			for _, i := range bad {
				in[i] = "die thrice " + filepath.Join(dir, strconv.Itoa(i))
			}
			out, err := fault.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(size), Retries: retries})
			if !fails {
				if err != nil || out[31] != "survived" {
					t.Errorf("chunk %d, %d retries: %v", size, retries, err)
				}
				continue
			}
			var e *strategies.JobError
			if !errors.As(err, &e) || e.Failed != len(bad) {
				t.Errorf("chunk %d, %d retries: %v", size, retries, err)
				continue
			}
			for i, task := range slices.Collect(e.Failures()) {
				var lost *strategies.LostError
				if task.Task != bad[i] || task.Attempt != 1+retries || !errors.As(task, &lost) {
					t.Errorf("chunk %d, %d retries: got %v after %d attempts, want a LostError of task %d after %d", size, retries, task, task.Attempt, bad[i], 1+retries)
				}
			}
		}
	}
}

// TestRetriesInAStream checks that tasks that are lost with their workers also run again in a
// stream, in which later tasks reuse the slots of earlier ones.
func TestRetriesInAStream(t *testing.T) {
	x := newPool(t, 2)
	for _, order := range []strategies.Order{strategies.InputOrder, strategies.CompletionOrder} {
		dir := t.TempDir()
		input := func(yield func(string) bool) {
			for i := range 100 {
				do := strconv.Itoa(i)
				if i%10 == 3 {
					do = "die thrice " + filepath.Join(dir, do)
				}
				if !yield(do) {
					return
				}
			}
		}
		n := 0
		for v, err := range fault.Stream(t.Context(), x, input, strategies.Options{Order: order, Window: 8, Retries: 3}) {
			if err != nil {
				t.Errorf("%v order: got output %q and error %v", order, v, err)
			}
			n++
		}
		if n != 100 {
			t.Errorf("%v order: got %d results, want 100", order, n)
		}
	}
}

// TestAttribution checks that hooks receive the worker and the attempt number of every task.
func TestAttribution(t *testing.T) {
	x := newPool(t, 2)
	path := filepath.Join(t.TempDir(), "death")
	in := numbered(50)
	in[20], in[30] = "die thrice "+path, "error"
	events := make([]strategies.Event, len(in))
	note := func(e strategies.Event) { events[e.Task] = e }
	fault.Map(t.Context(), x, in, strategies.Options{
		Retries: 3, Chunk: chunk.Fixed(7), Hooks: &strategies.Hooks{Result: note, Error: note},
	})
	for i, e := range events {
		want := 1
		if i == 20 {
			want = 4
		}
		if e.Task != i || e.Attempt != want || e.Process == nil || e.Process.PID == 0 || e.Process.Name != fmt.Sprintf("w%d", e.Worker) || (e.Err == nil) != (i != 30) {
			t.Errorf("event %d: got %+v, want task %d, attempt %d and its worker", i, e, i, want)
		}
	}
	if c := x.Counts(); c != (strategies.Counts{Submitted: 50, Succeeded: 49, Failed: 1}) {
		t.Errorf("got counts %+v, want 50 submitted, 49 succeeded, 1 failed", c)
	}
}

// TestCancelRunning cancels the job of a running task. The pool must end the worker of this task.
// Tasks of other jobs must not be affected.
func TestCancelRunning(t *testing.T) {
	c := config(2)
	c.Grace = time.Millisecond
	x := newExecutor(t, c)
	for _, do := range []string{"hang", "stubborn", "listen"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		dir := t.TempDir()
		in := []string{"mark " + dir + " " + do, "mark " + dir + " " + do, "1", "2"}
		ended := make(chan error)
		go func() {
			_, err := fault.Map(ctx, x, in, strategies.Options{})
			ended <- err
		}()
		for marks(t, dir) < 2 {
			time.Sleep(time.Millisecond)
		}
		enough := errors.New("enough")
		cancel(enough)
		err := <-ended
		var e *strategies.JobError
		if !errors.As(err, &e) || !errors.Is(err, enough) || e.Failed != 2 {
			t.Errorf("%s: got error %v, want a JobError of two tasks with the cause of the context", do, err)
		}
		for task := range e.Failures() {
			if !errors.Is(task, enough) || (task.Worker == nil) != (task.Attempt == 0) {
				t.Errorf("%s: got %v, want an error with the cause of the context", do, task)
			}
		}
		if out, err := fault.Map(t.Context(), x, numbered(10), strategies.Options{}); err != nil || strings.Join(out, "") != "0123456789" {
			t.Errorf("%s: next job: got %q and error %v", do, out, err)
		}
	}
	if r := x.Account().Restarts; r.Cancelled != 6 || r.Lost != 0 {
		t.Errorf("got restarts %+v, want 6 because of cancelled tasks and none lost", r)
	}
}

func marks(t *testing.T, dir string) int {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}
