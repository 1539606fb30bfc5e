//go:build unix

package procs

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// A left holds numbers of resources, such as goroutines, of which this process may leak some.
type left struct{ goroutines, descriptors, shared, files int }

// observe counts the resources of this process, and the files in the folder for temporary files. No
// other test may use this folder.
func observe(t *testing.T) left {
	t.Helper()
	dir, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	maps, _ := os.ReadFile("/proc/self/maps") // exists on Linux only
	return left{runtime.NumGoroutine(), len(dir), strings.Count(string(maps), "/memfd:payoff"), len(files)}
}

// nothingLeft fails the test if this process has more resources now than the counts in before. It
// waits for goroutines that are about to end.
func (before left) nothingLeft(t *testing.T) {
	t.Helper()
	noChildren(t)
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		after := observe(t)
		if after.goroutines <= before.goroutines && after.descriptors <= before.descriptors && after.shared <= before.shared && after.files <= before.files {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got resources %+v, want at most %+v, as before", after, before)
		}
	}
}

func noChildren(t *testing.T) {
	t.Helper()
	if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); err != syscall.ECHILD {
		t.Errorf("wait for a child: got process %d and error %v, want no child left", pid, err)
	}
}

func TestCycles(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	cycle := func() {
		x := newPool(t, 2)
		if _, err := fault.Map(t.Context(), x, []string{"a", "kill", "b"}, strategies.Options{}); err == nil {
			t.Error("got no error of a job whose worker was killed")
		}
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
	cycle()
	before := observe(t)
	for range 10 {
		cycle()
	}
	before.nothingLeft(t)
}

// TestStop checks that the method Stop ends workers whose tasks hang, and all calls that wait for
// them.
func TestStop(t *testing.T) {
	for _, kill := range []bool{false, true} {
		x, err := New(t.Context(), Config{
			Workers: 2, Program: program(own), Grace: time.Millisecond,
		})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 3 {
			started := make(chan struct{})
			wg.Go(func() {
				in := []string{"hang", "hang", "hang", "x"}
				close(started)
				_, err := fault.Map(t.Context(), x, in, strategies.Options{})
				if !errors.Is(err, strategies.ErrClosed) {
					t.Errorf("map that Stop ended: got error %v, want ErrClosed", err)
				}
			})
			<-started
		}
		ctx := context.Background()
		if kill {
			ctx = cancelled
		}
		for range 3 {
			wg.Go(func() {
				if err := x.Stop(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := x.Close(); err != nil {
			t.Error(err)
		}
		noChildren(t)
	}
}

// TestCancel checks that a cancelled map returns as soon as its running tasks have ended. Tasks
// that were sent in advance do not run.
func TestCancel(t *testing.T) {
	x := newPool(t, 2)
	ctx, cancel := context.WithCancelCause(t.Context())
	in := make([]string, 1000)
	for i := range in {
		in[i] = "sleep"
	}
	cause := errors.New("enough")
	time.AfterFunc(time.Millisecond, func() { cancel(cause) })
	_, err := fault.Map(ctx, x, in, strategies.Options{Chunk: chunk.Fixed(500)})
	var e *strategies.JobError
	if !errors.As(err, &e) || !errors.Is(err, cause) {
		t.Fatal(err)
	}
	if e.Skipped+e.Failed < 900 {
		t.Errorf("got %d skipped and %d failed tasks, want at least 900 in total", e.Skipped, e.Failed)
	}
}

// TestNoMoreWorkers checks that queued tasks fail if no more workers can be started.
func TestNoMoreWorkers(t *testing.T) {
	dir := t.TempDir()
	path := dir + "/worker"
	if err := os.Symlink(os.Args[0], path); err != nil {
		t.Fatal(err)
	}
	x, err := New(t.Context(), Config{Workers: 1, Program: Command(path, "serve")})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	var start *StartError
	_, err = fault.Map(t.Context(), x, []string{"kill", "a", "b"}, strategies.Options{})
	if !errors.As(err, &start) {
		t.Errorf("queued tasks: got error %v, want a StartError", err)
	}
	if _, err = fault.Map(t.Context(), x, []string{"a"}, strategies.Options{}); !errors.As(err, &start) {
		t.Errorf("tasks of the next job: got error %v, want a StartError", err)
	}
}

func TestStreams(t *testing.T) {
	x := newPool(t, 2)
	var wg sync.WaitGroup
	for range 4 {
		for _, order := range []strategies.Order{strategies.InputOrder, strategies.CompletionOrder} {
			wg.Go(func() {
				const n = 20_000
				var sum, count uint64
				input := func(yield func(uint64) bool) {
					for i := range uint64(n) {
						if !yield(i) {
							return
						}
					}
				}
				for v, err := range number.Stream(t.Context(), x, input, strategies.Options{Order: order, Window: 100}) {
					if err != nil || order == strategies.InputOrder && v != count+1 {
						t.Errorf("result %d: got %d and error %v", count, v, err)
						return
					}
					count++
					sum += v
				}
				if count != n || sum != n*(n+1)/2 {
					t.Errorf("got %d results with the sum %d, want %d with %d", count, sum, n, n*(n+1)/2)
				}
			})
		}
	}
	wg.Wait()
}
