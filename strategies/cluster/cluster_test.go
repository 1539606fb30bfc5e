package cluster

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/strategiestest"
	"github.com/payoff-bench/payoff/strategies/work"
)

// numbers is a codec that encodes a number as eight bytes.
var numbers = strategies.Codec[uint64]{
	Append: func(dst []byte, v uint64) ([]byte, error) { return binary.LittleEndian.AppendUint64(dst, v), nil },
	Decode: func(src []byte) (uint64, error) { return binary.LittleEndian.Uint64(src), nil },
}

var number = strategies.Kernel[uint64, uint64]{
	Name: "number", In: numbers, Out: numbers,
	Func: func(_ context.Context, v uint64) (uint64, error) { return v + 1, nil },
}

// gated is a kernel whose task waits until the file named by its input exists.
var gated = strategies.Kernel[string, string]{
	Name: "gated", In: texts, Out: texts,
	Func: func(ctx context.Context, path string) (string, error) {
		f, err := os.OpenFile(path+".started", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(f, os.Getpid())
		f.Close()
		for {
			if _, err := os.Stat(path); err == nil {
				return path, nil
			}
			select {
			case <-ctx.Done():
				return "", context.Cause(ctx)
			case <-time.After(time.Millisecond):
			}
		}
	},
}

var texts = strategies.Codec[string]{
	Append: func(dst []byte, v string) ([]byte, error) { return append(dst, v...), nil },
	Decode: func(src []byte) (string, error) { return string(src), nil },
}

var echo = strategies.Kernel[string, string]{
	Name: "echo", In: texts, Out: texts,
	Func: func(_ context.Context, v string) (string, error) { return v, nil },
}

// grow is a kernel that returns as many bytes as its input says.
var grow = strategies.Kernel[uint64, string]{
	Name: "grow", In: numbers, Out: texts,
	Func: func(_ context.Context, n uint64) (string, error) { return strings.Repeat("x", int(n)), nil },
}

var kernels = []work.Callable{number, gated, echo, grow, logged}

// TestConformance tests the strategy cluster against the contract of all executors. The server and
// a worker run in processes of their own.
func TestConformance(t *testing.T) {
	url, password := newServer(t, &server.Options{})
	newHost(t, url, password, "far", 16)
	config := catalog.Config{Worker: []string{"", url, password}}
	if testing.Short() { // the rules about processes, and about Close and Stop
		strategiestest.Cover(t, conforming, []string{""}, []string{""}, true, func(catalog.Setting) catalog.Config { return config })
		return
	}
	strategiestest.Run(t, conforming, func(t *testing.T) catalog.Config { return config })
}

func newExecutor(t testing.TB, url, password string, workers int) *Executor {
	t.Helper()
	x, err := New(context.Background(), Config{Options: Options{URL: url, User: user, Password: password, Period: testPeriod}, Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

// until waits until the condition is true. The time limit of the test ends a wait that fails.
func until(condition func() bool) {
	for !condition() {
		time.Sleep(time.Millisecond)
	}
}

func exists(path string) func() bool {
	return func() bool { _, err := os.Stat(path); return err == nil }
}

func TestErrorsOfNew(t *testing.T) {
	url, password := newServer(t, &server.Options{})
	good := Options{URL: url, User: user, Password: password, Period: testPeriod}
	change := func(f func(o *Options)) Options {
		o := good
		f(&o)
		return o
	}
	var option *work.OptionError
	var connect *ConnectError
	var none *NoWorkersError
	for _, test := range []struct {
		o    Options
		as   any
		says string
	}{
		{change(func(o *Options) { o.URL = "" }), &option, "url"},
		{change(func(o *Options) { o.URL = "http://127.0.0.1:4222" }), &option, "http://127.0.0.1:4222"},
		{change(func(o *Options) { o.URL = "nats://:4222" }), &option, "url"},
		{change(func(o *Options) { o.URL = "nats://somebody:hidden@host:port" }), &option, "…@host:port"},
		{change(func(o *Options) { o.URL = "nats://a:hidden@127.0.0.1:1,nats://b:hidden@127.0.0.1:2" }), &connect, "127.0.0.1:2"},
		{change(func(o *Options) { o.Group = "a.b" }), &option, "group"},
		{change(func(o *Options) { o.Period = -1 }), &option, "period"},
		{change(func(o *Options) { o.NKey = "seed" }), &option, "nkey"},
		{change(func(o *Options) { o.Cert = "cert.pem" }), &option, "key"},
		{change(func(o *Options) { o.User, o.NKey = "", "/no/such/seed" }), &connect, "no such file"},
		{change(func(o *Options) { o.CA = "/no/such/ca.pem" }), &connect, "no such file"},
		{change(func(o *Options) { o.Password = "wrong" }), &connect, "refuses the credentials"},
		{change(func(o *Options) { o.URL = "nats://somebody:hidden@127.0.0.1:1" }), &connect, "127.0.0.1:1"},
		{change(func(o *Options) { o.Group = "empty" }), &none, "empty"},
	} {
		_, err := New(t.Context(), Config{Options: test.o, Workers: 1})
		if !errors.As(err, test.as) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: got error %v, want a %T with %q", test.o, err, test.as, test.says)
		}
		if err != nil && (strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), password)) {
			t.Errorf("the error %v has a password", err)
		}
	}
}

// TestOtherKernels checks that New returns an error that names the worker if the kernels of workers
// differ.
func TestOtherKernels(t *testing.T) {
	url, password := newServer(t, &server.Options{})
	newHost(t, url, password, "far", 1)
	newHost(t, url, password, few, 1)
	_, err := New(t.Context(), Config{Options: Options{URL: url, User: user, Password: password, Period: testPeriod}, Workers: 2})
	var refused *WorkerError
	var kernels *KernelsError
	if !errors.As(err, &refused) || !errors.As(err, &kernels) {
		t.Errorf("got error %v, want a WorkerError with a KernelsError", err)
	}
	x := newExecutor(t, url, password, 1)
	missing := strategies.Kernel[string, string]{Name: "missing", In: texts, Out: texts, Func: echo.Func}
	var kernel *KernelError
	if _, err := missing.Map(t.Context(), x, []string{""}, strategies.Options{}); !errors.As(err, &kernel) {
		t.Errorf("got error %v, want a KernelError", err)
	}
}

// TestLargePayloads checks tasks with payloads that exceed the server's limit for a message.
func TestLargePayloads(t *testing.T) {
	url, password := newServer(t, &server.Options{MaxPayload: 16 << 10})
	newHost(t, url, password, "far", 2)
	x := newExecutor(t, url, password, 2)
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

// TestLostHost kills a host while its task runs. Without retries, the task must fail with a
// LostError. With one retry, it must run again on a host that joined meanwhile, and its outcome
// must count two attempts.
func TestLostHost(t *testing.T) {
	for retries := range 2 {
		url, password := newServer(t, &server.Options{})
		first := newHost(t, url, password, "first", 1)
		x := newExecutor(t, url, password, 1)
		path := filepath.Join(t.TempDir(), "gate")
		attempts := make(chan int, 1)
		o := strategies.Options{Retries: retries, Hooks: &strategies.Hooks{Result: func(e strategies.Event) { attempts <- e.Attempt }}}
		f := gated.Go(t.Context(), x, path, o)
		until(exists(path + ".started"))
		newHost(t, url, password, "second", 1)
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
		if v, err := number.Go(t.Context(), x, 1, strategies.Options{}).Wait(t.Context()); v != 2 || err != nil { // the executor uses the second host now
			t.Error(v, err)
		}
	}
}

// TestHostsComeAndGo runs a map while a host joins and another one leaves. No task may be lost or run
// twice.
func TestHostsComeAndGo(t *testing.T) {
	url, password := newServer(t, &server.Options{})
	first := newHost(t, url, password, "first", 1)
	x := newExecutor(t, url, password, 2)
	if n := x.Slots(); n != 1 {
		t.Errorf("got %d slots, want 1", n)
	}
	dir := t.TempDir()
	in := make([]string, 40)
	for i := range in {
		in[i] = filepath.Join(dir, fmt.Sprint(i))
		if i != 0 && i != 20 {
			os.WriteFile(in[i], nil, 0o666)
		}
	}
	done := make(chan error, 1)
	go func() {
		_, err := gated.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(3)})
		done <- err
	}()
	until(exists(in[0] + ".started"))
	newHost(t, url, password, "second", 1)
	until(exists(in[20] + ".started")) // the task ran on the second host, because the first one still waits
	first.in.Close()
	os.WriteFile(in[0], nil, 0o666)
	first.Wait() // the first host has finished its chunk and left
	os.WriteFile(in[20], nil, 0o666)
	if err := <-done; err != nil {
		t.Error(err)
	}
	for _, path := range in {
		if b, _ := os.ReadFile(path + ".started"); strings.Count(string(b), "\n") != 1 {
			t.Errorf("task %s ran in the processes %q, want one", path, b)
		}
	}
}

// TestServerRestarts ends the server while a task runs, and starts it again. The task must be lost,
// because the server may have lost its outcome. The executor must then find its host again.
func TestServerRestarts(t *testing.T) {
	o := &server.Options{}
	var url, password string
	start := func() *server.Server {
		o.Host, o.NoLog, o.NoSigs, o.Username, o.Password = "127.0.0.1", true, true, user, "secret"
		if o.Port == 0 {
			o.Port = -1
		}
		s, err := server.NewServer(o)
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		if !s.ReadyForConnections(10 * time.Second) {
			t.Fatal("the server does not start")
		}
		url, password = s.ClientURL(), "secret"
		return s
	}
	s := start()
	t.Cleanup(func() { s.Shutdown() })
	newHost(t, url, password, "far", 1)
	x := newExecutor(t, url, password, 1)
	path := filepath.Join(t.TempDir(), "gate")
	f := gated.Go(t.Context(), x, path, strategies.Options{})
	until(exists(path + ".started"))
	fmt.Sscanf(url[strings.LastIndex(url, ":"):], ":%d", &o.Port)
	s.Shutdown()
	s.WaitForShutdown()
	var lost *strategies.LostError
	if _, err := f.Wait(t.Context()); !errors.As(err, &lost) {
		t.Errorf("got error %v, want a LostError", err)
	}
	s = start()
	if v, err := number.Go(t.Context(), x, 1, strategies.Options{}).Wait(t.Context()); v != 2 || err != nil {
		t.Error(v, err)
	}
}

// TestNoWorkerLeft checks that queued tasks fail if the executor has had no host for the time
// Patience.
func TestNoWorkerLeft(t *testing.T) {
	url, password := newServer(t, &server.Options{})
	host := newHost(t, url, password, "far", 1)
	x, err := New(t.Context(), Config{Options: Options{URL: url, User: user, Password: password, Period: testPeriod}, Workers: 1, Patience: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	host.in.Close()
	host.Wait()
	var none *NoWorkersError
	if _, err := number.Map(t.Context(), x, []uint64{1, 2}, strategies.Options{}); !errors.As(err, &none) {
		t.Errorf("got error %v, want a NoWorkersError", err)
	}
}
