//go:build unix

package procs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
)

type oddError struct{ s string }

func (e *oddError) Error() string { return e.s }

// errDeclared is an error that the kernel fault declares.
var errDeclared = errors.New("declared")

type badError struct{}

func (badError) Error() string { panic("no text") }

// nest runs the task "nest" in a new pool. The workers of this pool do the same, until New refuses
// to nest pools further. The context of the new pool does not end with ctx.
func nest(ctx context.Context) (string, error) {
	x, err := New(context.Background(), config(1))
	if err != nil {
		return err.Error(), nil
	}
	defer x.Close()
	k := strategies.Kernel[string, string]{Name: "fault", In: texts, Out: texts, Func: prepare.Func}
	out, err := k.Map(ctx, x, []string{"nest"}, strategies.Options{})
	return "pool in " + out[0], err
}

// Descriptors of a worker's pipes.
const fdIn, fdOut = wire.FDChannel + 1, wire.FDChannel + 2

var leaked [][]byte

// fault does what its input says.
var fault = strategies.Kernel[string, string]{
	Name:   "fault",
	In:     texts,
	Errors: []error{io.ErrNoProgress, errDeclared},
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
			k.Go(ctx, x, "stubborn", strategies.Options{})
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
		case "declared error":
			return "", fmt.Errorf("odd: %w", errDeclared)
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
			select {} // the signal may arrive a little later
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
			// The grandchild leaves the process group and keeps all descriptors open.
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
