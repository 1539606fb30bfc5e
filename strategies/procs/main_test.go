//go:build unix

package procs

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/strategiestest"
	"github.com/payoff-bench/payoff/strategies/work"
)

var kernels = append([]work.Callable{number, echo, carry, vast, hold, fault, prepare}, bufferKernels()...)

// TestMain runs the tests or, in a worker process, serves the kernels. The test binary is the
// program of its own workers.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args[1:], "unserved") {
		if err := unserved(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	worker.Main(append(kernels, strategiestest.Kernels(conforming.Strategy())...))
	serve := func(kernels []work.Callable) {
		if err := worker.Serve(kernels); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	switch {
	case slices.Contains(os.Args[1:], "serve"):
		serve(kernels)
	case len(os.Args) == 3 && os.Args[1] == "mortal":
		serve([]work.Callable{mortal{fault, os.Args[2]}})
	case len(os.Args) == 3 && os.Args[1] == "announced":
		serve([]work.Callable{announced{fault, os.Args[2]}})
	case slices.Contains(os.Args[1:], "forgot"):
		_, err := New(context.Background(), config(1))
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	case slices.Contains(os.Args[1:], "conform"):
		serve(strategiestest.Kernels(conforming.Strategy()))
	case slices.Contains(os.Args[1:], "crowded"):
		if err := crowded(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println("as it should be")
		os.Exit(0)
	case len(os.Args) == 3 && os.Args[1] == "bare":
		if err := bareChild(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case len(os.Args) == 4 && os.Args[1] == "hostile":
		if err := serveHostile(os.Args[2], os.Args[3]); err != nil && err != io.EOF {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case slices.Contains(os.Args[1:], "parent"):
		parent()
	case slices.Contains(os.Args[1:], "hang"):
		time.Sleep(time.Hour)
	case slices.Contains(os.Args[1:], "garbage"):
		syscall.Write(fdOut, []byte(strings.Repeat("hello, world\n", 10)))
		time.Sleep(time.Hour)
	}
	os.Exit(m.Run())
}

// parent is the main function of a parent process for TestOrphans. It starts a worker that hangs,
// and a worker with a nested pool whose worker hangs. It prints the process ids of all three
// workers. The last argument of the process is the start method of its workers.
func parent() {
	x, err := New(context.Background(), started(os.Args[len(os.Args)-1], 2))
	if err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "parent")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	fault.Go(ctx, x, "stubborn", strategies.Options{})
	inner := filepath.Join(dir, "inner")
	fault.Go(ctx, x, "nest that hangs "+inner, strategies.Options{})
	for {
		if b, err := os.ReadFile(inner); err == nil && len(b) > 0 {
			os.RemoveAll(dir)
			for _, pid := range x.PIDs() {
				fmt.Println(pid)
			}
			fmt.Println(string(b))
			time.Sleep(time.Hour)
		}
		time.Sleep(time.Millisecond)
	}
}

var own = []string{os.Args[0], "serve"}

// program returns the Program with the given command line.
func program(command []string) Program { return Command(command[0], command[1:]...) }

// cancelled is a cancelled context: Stop(cancelled) kills.
var cancelled = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func newPool(t testing.TB, workers int) *Executor {
	t.Helper()
	return newExecutor(t, config(workers))
}

// config returns the configuration of a pool whose workers run the test binary. The variable GORACE
// keeps processes under the race detector from sleeping for a second before they exit.
func config(workers int) Config {
	return Config{
		Workers: workers, Program: program(own),
		Process: Process{Env: []string{"GORACE=atexit_sleep_ms=0"}},
	}
}

func newExecutor(t testing.TB, c Config) *Executor {
	t.Helper()
	x, err := New(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Stop(context.Background()) })
	return x
}
