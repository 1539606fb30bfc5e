package strategiestest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
)

var waitRules = []rule{
	{"waits that are cancelled", `If a job is cancelled, the waits of its tasks end. The cause may be the context of
the job, a failure with FailFast, the consumer of a stream or Cancel of a future.`, needs{resumes}, waitsCancelled},
	{"waits that are stopped", `When the context of Stop ends, Stop ends all waiting tasks, even tasks that ignore their
own contexts.`, needs{resumes}, waitsStopped},
	{"descriptors", `A task can wait until a descriptor is readable or writable. If the system cannot poll
the descriptor, the wait returns a PollError.`, needs{resumes}, waitsForDescriptors},
}

// listening returns a kernel whose tasks wait until their context ends, and then fail with its
// cause. The kernel adds 1 to begun when a task begins.
func listening(begun *atomic.Int64) strategies.Kernel[int, int] {
	return resuming(func(r resumed) {
		begun.Add(1)
		r.After(far, func(error) {
			r.After(far, func(err error) { r.done(0, err) }) // the timer ends at once, because the context has ended
		})
	})
}

// allFailed reports a failure unless err is the JobError of a job in which all n tasks failed. The
// error of task i must be target. The failure message begins with subject.
func (t *testCase) allFailed(subject string, err error, n, i int, target error) {
	t.Helper()
	e := t.failedJob(err)
	want(t, subject+": tasks that failed", e.Failed, n)
	t.is(subject, e.Task(i), target)
}

// cancelledFuture cancels f, waits for it, and reports a failure unless the error of f is
// ErrCancelled.
func (t *testCase) cancelledFuture(f *strategies.Future[int]) {
	t.Helper()
	f.Cancel()
	_, err := f.Wait(background)
	t.is("error of a future that was cancelled", err, strategies.ErrCancelled)
}

func waitsCancelled(t *testCase) {
	const n = 50
	ex := t.executor(1)
	var begun atomic.Int64
	waits := listening(&begun)
	// except returns a kernel that works like waits, except that the given task ends at once with
	// the error err.
	except := func(task int, err error) strategies.Kernel[int, int] {
		return resuming(func(r resumed) {
			if r.i == task {
				r.done(0, err)
				return
			}
			waits.Begin(background, r.i, r.Events, r.done)
		})
	}

	ctx, cancel := context.WithCancelCause(background)
	m := mapping(ctx, ex, waits, numbers(n), strategies.Options{})
	until(func() bool { return begun.Load() == n })
	cancel(errAct)
	t.allFailed("map whose context ends", m.wait(), n, n-1, errAct)

	_, err := except(n-1, errAct).Map(background, ex, numbers(n), strategies.Options{FailFast: true})
	t.allFailed("map with a task that fails fast", err, n, 0, errAct)

	for _, order := range orders {
		for _, err := range except(0, nil).Stream(background, ex, upTo(n), strategies.Options{Order: order, Window: 9}) {
			t.ok(err)
			break
		}
	}

	begun.Store(0)
	f := waits.Go(background, ex, 1, strategies.Options{})
	until(func() bool { return begun.Load() == 1 })
	t.cancelledFuture(f)
	t.healthy(ex, 1)
}

func waitsStopped(t *testCase) {
	const n = 20
	var begun atomic.Int64
	deaf := resuming(func(r resumed) {
		begun.Add(1)
		r.After(far, func(error) {})
	})
	for _, k := range []strategies.Kernel[int, int]{deaf, listening(&begun)} {
		begun.Store(0)
		ex := t.executor(1)
		m := mapping(background, ex, k, numbers(n), strategies.Options{})
		f := k.Go(background, ex, 1, strategies.Options{})
		until(func() bool { return begun.Load() == n+1 })
		ex.Stop(cancelled)
		t.allFailed("map whose executor was stopped", m.wait(), n, n-1, strategies.ErrClosed)
		_, err := f.Wait(background)
		t.is("error of a future whose executor was stopped", err, strategies.ErrClosed)
		t.ok(ex.Stop(background))
	}
}

// badDescriptor reports whether err is a PollError for the descriptor of f.
func badDescriptor(err error, f *os.File) bool {
	e, ok := errors.AsType[*strategies.PollError](err)
	return ok && e.FD == int(f.Fd())
}

func waitsForDescriptors(t *testCase) {
	ex := t.executor(1)
	r, w, err := os.Pipe()
	t.ok(err)
	defer w.Close()
	defer r.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	t.ok(err)
	defer file.Close()
	var waiting atomic.Bool
	reader := resuming(func(task resumed) {
		task.Readable(int(r.Fd()), func(err error) {
			var b [1]byte
			if err == nil {
				_, err = r.Read(b[:])
			}
			task.done(int(b[0]), err)
		})
		waiting.Store(true)
	})
	read := func() *strategies.Future[int] {
		waiting.Store(false)
		f := reader.Go(background, ex, 0, strategies.Options{})
		until(waiting.Load)
		return f
	}
	first := read()
	_, err = read().Wait(background)
	t.check(badDescriptor(err, r), "a second wait for a descriptor: got error %v, want a PollError", err)
	if runtime.GOOS != "linux" {
		t.is("error of a wait for a descriptor, on a system without a poller", err, strategies.ErrNoPoller)
		return
	}
	_, err = w.Write([]byte{7})
	t.ok(err)
	got, err := first.Wait(background)
	t.ok(err)
	want(t, "byte that the task read from the descriptor", got, 7)
	t.cancelledFuture(read())
	both := resuming(func(task resumed) {
		end := func(err error) { task.done(task.i, err) }
		if task.i == 0 {
			task.Writable(int(w.Fd()), end)
		} else {
			task.Readable(int(file.Fd()), end)
		}
	})
	e := mapFails(t, ex, both, numbers(2), strategies.Options{})
	t.check(e.Failed == 1 && badDescriptor(e.Task(1), file), "error of waits for a writable pipe and for a file: got %v, want a PollError for the file only", e)
}
