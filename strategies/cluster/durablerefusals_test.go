package cluster

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// TestDurableLargePayloads checks tasks with payloads that exceed the server's limit for a message.
func TestDurableLargePayloads(t *testing.T) {
	s := &jetStream{dir: t.TempDir(), password: "secret", port: -1, payload: 16 << 10}
	s.start(t)
	s.host(t, "far", 2)
	x := s.executor(t, 2)
	var in []string
	for i, n := range []int{0, 1, 15 << 10, 16 << 10, 17 << 10, 1 << 20, 100, 5 << 20} {
		in = append(in, strings.Repeat(string(rune('a'+i)), n))
	}
	for _, size := range []int{1, 3, 8} {
		out, err := echo.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(size)})
		if err != nil {
			t.Fatal(err)
		}
		for i := range in {
			if in[i] != out[i] {
				t.Errorf("chunk %d: the output of task %d has %d bytes, want %d", size, i, len(out[i]), len(in[i]))
			}
		}
	}
}

// TestDurableRefusals checks the errors for servers and workers that cannot run the tasks.
func TestDurableRefusals(t *testing.T) {
	url, password := newServer(t, &server.Options{})
	plain := Options{URL: url, User: user, Password: password, Period: quickPeriod}
	s := newJetStream(t)
	var option *work.OptionError
	var jets *JetStreamError
	var connect *ConnectError
	var none *NoWorkersError
	for _, test := range []struct {
		c    DurableConfig
		as   any
		says string
	}{
		{DurableConfig{}, &option, "url"},
		{DurableConfig{Options: s.options(), Patience: -1}, &option, "patience"},
		{DurableConfig{Options: s.options(), MaxBytes: -1}, &option, "maxbytes"},
		{DurableConfig{Options: Options{URL: "nats://127.0.0.1:1"}}, &connect, "127.0.0.1:1"},
		{DurableConfig{Options: plain}, &jets, "cannot store tasks"},
		{DurableConfig{Options: s.options()}, &none, "cluster.ServeDurable"},
	} {
		if x, err := NewDurable(t.Context(), test.c); !errors.As(err, test.as) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: got %v, error %v, want a %T with %q", test.c, x, err, test.as, test.says)
		}
	}
	if err := ServeDurable(t.Context(), Worker{Options: plain}); !errors.As(err, &jets) {
		t.Errorf("ServeDurable without JetStream: got error %v, want a JetStreamError", err)
	}
	good := s.host(t, "far", 1)
	x := s.executor(t, 1)
	if _, err := number.Map(t.Context(), x.Job("a.b"), []uint64{1}, strategies.Options{}); !errors.As(err, &option) {
		t.Errorf("an invalid name: got error %v, want an OptionError", err)
	}
	for _, err := range number.Stream(t.Context(), x.Job("stream"), func(yield func(uint64) bool) { yield(1) }, strategies.Options{}) {
		if !errors.As(err, &option) {
			t.Errorf("a named stream: got error %v, want an OptionError", err)
		}
	}
	missing := strategies.Kernel[string, string]{Name: "missing", In: texts, Out: texts, Func: echo.Func}
	var kernel *KernelError
	if _, err := missing.Map(t.Context(), x, []string{""}, strategies.Options{}); !errors.As(err, &kernel) {
		t.Errorf("a missing kernel: got error %v, want a KernelError", err)
	}
	good.in.Close()
	good.Wait()
	s.host(t, few, 1) // a worker with other kernels joins
	var refused *WorkerError
	if _, err := number.Map(t.Context(), x, []uint64{1, 2, 3}, strategies.Options{}); !errors.As(err, &refused) || refused.Worker != few {
		t.Errorf("a worker with other kernels: got error %v, want a WorkerError that names it", err)
	}
}

// TestDurableFullStream checks that a job fails if the server has no room for its tasks or for their outcomes.
func TestDurableFullStream(t *testing.T) {
	s := newJetStream(t)
	o := s.options()
	o.Group = "full"
	conn, err := o.dial(func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := openStore(t.Context(), o, conn, 100<<10); err != nil {
		t.Fatal(err)
	}
	url, password := s.address()
	newProcess(t, "full", url, password, "far", 2)
	x, err := NewDurable(t.Context(), DurableConfig{Options: o, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	var full *StoreError
	large := strings.Repeat("x", 200<<10)
	if _, err := echo.Map(t.Context(), x, []string{large, "y"}, strategies.Options{}); !errors.As(err, &full) {
		t.Errorf("large input: got error %v, want a StoreError", err)
	}
	if _, err := grow.Map(t.Context(), x, []uint64{200 << 10, 1}, strategies.Options{}); !errors.As(err, &full) {
		t.Errorf("large output: got error %v, want a StoreError", err)
	}
	if v, err := number.Go(t.Context(), x, 1, strategies.Options{}).Wait(t.Context()); v != 2 || err != nil {
		t.Error(v, err)
	}
}

// TestDurableNoWorkerLeft checks that a job fails if no worker has lived for the time Patience, and
// that a named job continues when a worker lives again.
func TestDurableNoWorkerLeft(t *testing.T) {
	s := newJetStream(t)
	host := s.host(t, "far", 1)
	x, err := NewDurable(t.Context(), DurableConfig{Options: s.options(), Workers: 1, Patience: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	host.in.Close()
	host.Wait()
	var none *NoWorkersError
	if _, err := number.Map(t.Context(), x.Job("later"), []uint64{1, 2}, strategies.Options{}); !errors.As(err, &none) {
		t.Errorf("got error %v, want a NoWorkersError", err)
	}
	s.host(t, "far", 1)
	out, err := number.Map(t.Context(), s.executor(t, 1).Job("later"), []uint64{1, 2}, strategies.Options{})
	if err != nil || out[0] != 2 || out[1] != 3 {
		t.Errorf("got %v, %v, want [2 3]", out, err)
	}
}

// TestDurableStreamDeleted checks that a job fails if the server loses a stream.
func TestDurableStreamDeleted(t *testing.T) {
	s := newJetStream(t)
	s.host(t, "far", 1)
	x, err := NewDurable(t.Context(), DurableConfig{Options: s.options(), Workers: 1, Patience: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if err := x.store.js.DeleteStream(t.Context(), x.store.queue.CachedInfo().Config.Name); err != nil {
		t.Fatal(err)
	}
	var jets *JetStreamError
	if _, err := number.Map(t.Context(), x, []uint64{1, 2}, strategies.Options{}); !errors.As(err, &jets) {
		t.Errorf("got error %v, want a JetStreamError", err)
	}
}
