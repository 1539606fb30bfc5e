package strategiestest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
)

// How waits on a loop end: by their context, by Stop, by a descriptor.

// listening waits for long and fails with what ends that.
func listening(begun *atomic.Int64) strategies.Kernel[int, int] {
	return resuming(func(ctx context.Context, _ int, ev strategies.Events, done func(int, error)) {
		begun.Add(1)
		ev.After(far, func(err error) {
			ev.After(far, func(err error) { done(0, err) }) // it is told at once, again
		})
	})
}

func waitsCancelled(t *T) {
	const n = 50
	ex := t.executor(1)
	var begun atomic.Int64
	waits := listening(&begun)

	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		until(func() bool { return begun.Load() == n })
		cancel(ErrAct)
	}()
	_, err := waits.Map(ctx, ex, numbers(n), strategies.Options{})
	var e *strategies.JobError
	if !errors.As(err, &e) || e.Failed != n || !errors.Is(e.Task(n-1), ErrAct) {
		t.Errorf("map whose context ends: %v", err)
	}

	failing := waits
	failing.Begin = func(ctx context.Context, i int, ev strategies.Events, done func(int, error)) {
		if i == n-1 {
			done(0, ErrAct)
			return
		}
		waits.Begin(ctx, i, ev, done)
	}
	_, err = failing.Map(context.Background(), ex, numbers(n), strategies.Options{FailFast: true})
	if !errors.As(err, &e) || e.Failed != n || !errors.Is(e.Task(0), ErrAct) {
		t.Errorf("map of which a task fails fast: %v", err)
	}

	first := waits
	first.Begin = func(ctx context.Context, i int, ev strategies.Events, done func(int, error)) {
		if i == 0 {
			done(0, nil)
			return
		}
		waits.Begin(ctx, i, ev, done)
	}
	for _, order := range orders {
		for _, err := range first.Stream(context.Background(), ex, slices.Values(numbers(n)), strategies.Options{Order: order, Window: 9}) {
			t.ok(err)
			break
		}
	}

	begun.Store(0)
	f := waits.Go(context.Background(), ex, 1, strategies.Options{})
	until(func() bool { return begun.Load() == 1 })
	f.Cancel()
	if _, err := f.Wait(context.Background()); !errors.Is(err, strategies.ErrCancelled) {
		t.Errorf("future that was cancelled: %v", err)
	}
	t.healthy(ex, 1)
}

func waitsStopped(t *T) {
	const n = 20
	var begun atomic.Int64
	deaf := resuming(func(_ context.Context, _ int, ev strategies.Events, _ func(int, error)) {
		begun.Add(1)
		ev.After(far, func(error) {})
	})
	for _, k := range []strategies.Kernel[int, int]{deaf, listening(&begun)} {
		begun.Store(0)
		ex := t.executor(1)
		mapped := make(chan error)
		go func() {
			_, err := k.Map(context.Background(), ex, numbers(n), strategies.Options{})
			mapped <- err
		}()
		f := k.Go(context.Background(), ex, 1, strategies.Options{})
		until(func() bool { return begun.Load() == n+1 })
		ex.Stop(cancelled)
		err := <-mapped
		var e *strategies.JobError
		if !errors.As(err, &e) || e.Failed != n || !errors.Is(e.Task(n-1), strategies.ErrClosed) {
			t.Errorf("map that was stopped: %v", err)
		}
		if _, err := f.Wait(context.Background()); !errors.Is(err, strategies.ErrClosed) {
			t.Errorf("future that was stopped: %v", err)
		}
		t.ok(ex.Stop(context.Background()))
	}
}

func waitsForDescriptors(t *T) {
	ex := t.executor(1)
	r, w, err := os.Pipe()
	t.ok(err)
	defer w.Close()
	defer r.Close()
	file, err := os.Create(filepath.Join(t.t.TempDir(), "file"))
	t.ok(err)
	defer file.Close()
	var waiting atomic.Bool
	reader := resuming(func(ctx context.Context, _ int, ev strategies.Events, done func(int, error)) {
		ev.Readable(int(r.Fd()), func(err error) {
			var b [1]byte
			if err == nil {
				_, err = r.Read(b[:])
			}
			done(int(b[0]), err)
		})
		waiting.Store(true)
	})
	f := reader.Go(context.Background(), ex, 0, strategies.Options{})
	until(waiting.Load)
	second, err := reader.Go(context.Background(), ex, 0, strategies.Options{}).Wait(context.Background())
	var e *strategies.PollError
	if !errors.As(err, &e) || e.FD != int(r.Fd()) {
		t.Errorf("a second wait for a descriptor: %d, %v", second, err)
	}
	if runtime.GOOS != "linux" {
		if !errors.Is(err, strategies.ErrNoPoller) {
			t.Errorf("without a poller: %v", err)
		}
		return
	}
	_, err = w.Write([]byte{7})
	t.ok(err)
	got, err := f.Wait(context.Background())
	t.ok(err)
	want(t, "byte", got, 7)
	waiting.Store(false)
	f = reader.Go(context.Background(), ex, 0, strategies.Options{})
	until(waiting.Load)
	f.Cancel()
	if _, err := f.Wait(context.Background()); !errors.Is(err, strategies.ErrCancelled) {
		t.Errorf("wait for a descriptor that was cancelled: %v", err)
	}
	both := resuming(func(_ context.Context, i int, ev strategies.Events, done func(int, error)) {
		end := func(err error) { done(i, err) }
		if i == 0 {
			ev.Writable(int(w.Fd()), end)
		} else {
			ev.Readable(int(file.Fd()), end)
		}
	})
	_, err = both.Map(context.Background(), ex, numbers(2), strategies.Options{})
	var jobErr *strategies.JobError
	if !errors.As(err, &jobErr) || jobErr.Failed != 1 || !errors.As(jobErr.Task(1), &e) || e.FD != int(file.Fd()) {
		t.Errorf("a pipe that can be written, and a file: %v", err)
	}
}
