package procs

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/strategiestest"
	"github.com/payoff-bench/payoff/strategies/wire"
)

var kernels = []strategies.Callable{number, echo, fault, prepare}

// entry is the test binary as its own worker program, executed again.
var entry worker.Entry

// The test binary is its own worker program.
func TestMain(m *testing.M) {
	entry = worker.Main(append(kernels, strategiestest.Kernels(conforming.Strategy())...))
	serve := func(kernels []strategies.Callable) {
		if err := worker.Serve(kernels); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	switch {
	case slices.Contains(os.Args[1:], "serve"):
		serve(kernels)
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

// parent has a worker that hangs and one in which there is a pool whose worker hangs, and
// prints the process ids of all three. The last argument is how its workers start.
func parent() {
	start, err := ParseStart(os.Args[len(os.Args)-1])
	if err != nil {
		panic(err)
	}
	x, err := New(context.Background(), started(start, 2))
	if err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "parent")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	strategies.Go(ctx, x, fault, "stubborn")
	inner := filepath.Join(dir, "inner")
	strategies.Go(ctx, x, fault, "nest that hangs "+inner)
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

var self = []string{os.Args[0], "serve"}

func newPool(t testing.TB, workers int) *Executor {
	t.Helper()
	return newExecutor(t, config(workers))
}

// config is that of a pool of the test binary. A process under the race detector sleeps
// for a second before it exits, if it is not told otherwise.
func config(workers int) Config {
	return Config{
		Config:  strategies.Config{Workers: workers, Worker: self},
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

var (
	numbers = strategies.Codec[uint64]{
		Append: func(dst []byte, v uint64) ([]byte, error) { return binary.LittleEndian.AppendUint64(dst, v), nil },
		Decode: func(src []byte) (uint64, error) {
			if len(src) != 8 {
				return 0, fmt.Errorf("a number has 8 bytes, not %d", len(src))
			}
			return binary.LittleEndian.Uint64(src), nil
		},
	}
	blobs = strategies.Codec[[]byte]{
		Append: func(dst, v []byte) ([]byte, error) { return append(dst, v...), nil },
		Decode: func(src []byte) ([]byte, error) { return append([]byte(nil), src...), nil },
	}
	texts = strategies.Codec[string]{
		Append: func(dst []byte, v string) ([]byte, error) { return append(dst, v...), nil },
		Decode: func(src []byte) (string, error) { return string(src), nil },
	}
)

// number does v&(1<<32-1) steps and returns the input + 1.
var number = strategies.Kernel[uint64, uint64]{
	Name: "number", In: numbers, Out: numbers,
	Func: func(_ context.Context, v uint64) (uint64, error) {
		x := v | 1
		for range v >> 40 {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
		}
		if x == 0 {
			return 0, errors.New("impossible")
		}
		return v + 1, nil
	},
}

var echo = strategies.Kernel[[]byte, []byte]{
	Name: "echo", In: blobs, Out: blobs,
	Func: func(_ context.Context, v []byte) ([]byte, error) { return v, nil },
}

// prepared is what the initialiser of a worker leaves behind.
var prepared []string

// prepare is an initialiser that does what it is told.
var prepare = strategies.Kernel[string, string]{
	Name: "prepare", In: texts, Out: texts,
	Func: func(_ context.Context, v string) (string, error) {
		if path, ok := strings.CutPrefix(v, "once "); ok {
			f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o666)
			if err != nil {
				return "", errors.New("not twice")
			}
			f.Close()
		}
		switch v {
		case "error":
			return "", &oddError{"odd"}
		case "panic":
			panic("boom")
		case "goexit":
			runtime.Goexit()
		case "exit":
			fmt.Fprintln(os.Stderr, "last words")
			os.Exit(3)
		case "hang":
			select {}
		case "garbage":
			syscall.Write(fdOut, []byte(strings.Repeat("hello, world\n", 10)))
		}
		prepared = append(prepared, v)
		return "", nil
	},
}

type oddError struct{ s string }

func (e *oddError) Error() string { return e.s }

type badError struct{}

func (badError) Error() string { panic("no text") }

// nest runs "nest" in a pool of its own, with a context that knows nothing of this one.
func nest(ctx context.Context) (string, error) {
	x, err := New(context.Background(), config(1))
	if err != nil {
		return err.Error(), nil
	}
	defer x.Close()
	k := strategies.Kernel[string, string]{Name: "fault", In: texts, Out: texts, Func: prepare.Func}
	out, err := strategies.Map(ctx, x, k, []string{"nest"}, strategies.Options{})
	return "pool in " + out[0], err
}

// Of a channel of pipes.
const fdIn, fdOut = 5, 6

var leaked [][]byte

// fault does what its input says.
var fault = strategies.Kernel[string, string]{
	Name: "fault",
	In:   texts,
	Out: strategies.Codec[string]{
		Append: func(dst []byte, v string) ([]byte, error) {
			switch v {
			case "encode error":
				return nil, errors.New("no encoding")
			case "encode panic":
				panic("encoding panics")
			}
			return append(dst, v...), nil
		},
		Decode: func(src []byte) (string, error) {
			if string(src) == "decode panic" {
				panic("decoding panics")
			}
			return string(src), nil
		},
	},
	Func: func(ctx context.Context, v string) (string, error) {
		if rest, ok := strings.CutPrefix(v, "mark "); ok {
			dir, do, _ := strings.Cut(rest, " ")
			f, err := os.CreateTemp(dir, "")
			if err != nil {
				return "", err
			}
			f.Close()
			v = do
		}
		if path, ok := strings.CutPrefix(v, "die thrice "); ok {
			for i := range 3 {
				if f, err := os.OpenFile(path+"-"+strconv.Itoa(i), os.O_CREATE|os.O_EXCL, 0o666); err == nil {
					f.Close()
					os.Exit(1)
				}
			}
			return "survived", nil
		}
		if path, ok := strings.CutPrefix(v, "nest that hangs "); ok {
			x, err := New(context.Background(), config(1))
			if err != nil {
				return "", err
			}
			k := strategies.Kernel[string, string]{Name: "fault", In: texts, Out: texts, Func: prepare.Func}
			strategies.Go(ctx, x, k, "stubborn")
			if err := os.WriteFile(path, fmt.Append(nil, x.PIDs()[0]), 0o666); err != nil {
				return "", err
			}
			select {}
		}
		switch v {
		case "error":
			return "", &oddError{"odd"}
		case "bad error":
			return "", badError{}
		case "empty error":
			return "", errors.New("")
		case "deadline":
			return "", context.DeadlineExceeded
		case "panic":
			panic("boom")
		case "goexit":
			runtime.Goexit()
		case "exit 0":
			os.Exit(0)
		case "exit 3":
			fmt.Fprintln(os.Stderr, "last words")
			os.Exit(3)
		case "kill":
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		case "stop":
			syscall.Kill(os.Getpid(), syscall.SIGSTOP)
			select {} // it may arrive a little later
		case "print":
			fmt.Println(strings.Repeat("printed ", 1000))
		case "stdin":
			b, err := io.ReadAll(os.Stdin)
			return string(b) + "eof", err
		case "sleep":
			time.Sleep(20 * time.Millisecond)
		case "prepared":
			return strings.Join(prepared, ","), nil
		case "nest":
			return nest(ctx)
		case "nice":
			nice, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
			status, readErr := os.ReadFile("/proc/self/status")
			_, cpus, _ := strings.Cut(string(status), "Cpus_allowed_list:\t")
			cpus, _, _ = strings.Cut(cpus, "\n")
			return fmt.Sprintf("nice %d, CPUs %s, GOMAXPROCS %d", 20-nice, cpus, runtime.GOMAXPROCS(0)), errors.Join(err, readErr)
		case "leak":
			b := make([]byte, 4<<20)
			for i := range b {
				b[i] = 1
			}
			leaked = append(leaked, b)
		case "half a frame":
			b := make([]byte, wire.HeaderLen)
			wire.Header{Len: 100, Kind: wire.KindOutputs}.Put(b)
			syscall.Write(fdOut, b[:wire.HeaderLen/2])
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		case "most of a frame":
			b := make([]byte, wire.HeaderLen+50)
			wire.Header{Len: 100, Kind: wire.KindOutputs}.Put(b)
			syscall.Write(fdOut, b)
			os.Exit(5)
		case "garbage":
			syscall.Write(fdOut, []byte(strings.Repeat("hello, world\n", 10)))
			select {}
		case "wrong number":
			b := make([]byte, wire.HeaderLen+wire.TaskHeaderLen)
			wire.Header{Len: wire.TaskHeaderLen, Kind: wire.KindOutputs, Number: 1 << 20}.Put(b)
			syscall.Write(fdOut, b)
			select {}
		case "close":
			syscall.Close(fdOut)
			select {}
		case "die later":
			time.AfterFunc(time.Millisecond, func() { os.Exit(6) })
		case "hang":
			select {}
		case "stubborn":
			signal.Ignore(syscall.SIGTERM)
			select {}
		case "spin":
			for until := time.Now().Add(time.Hour); time.Now().Before(until); {
			}
		case "listen":
			<-ctx.Done()
			return "", context.Cause(ctx)
		case "listen for long":
			<-ctx.Done()
			return strings.Repeat("late", wire.BufferSize), nil
		case "grandchild hang", "grandchild exit":
			// It leaves the process group and keeps all descriptors open.
			unix.FcntlInt(fdOut, unix.F_SETFD, 0)
			child := exec.Command("/bin/sleep", "5")
			child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			child.Stdout, child.Stderr = os.Stdout, os.Stderr
			child.ExtraFiles = []*os.File{os.NewFile(fdIn, "in"), os.NewFile(fdOut, "out")}
			if err := child.Start(); err != nil {
				return "", err
			}
			if v == "grandchild exit" {
				os.Exit(4)
			}
			select {}
		case "pid":
			return fmt.Sprint(os.Getpid()), nil
		case "crash":
			go func() { panic("in a goroutine of its own") }()
			select {}
		case "env":
			return strings.Join(os.Environ(), "\n"), nil
		}
		return v, nil
	},
}
