//go:build unix

package procs

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
)

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
	texts = strategies.Codec[string]{
		Append: func(dst []byte, v string) ([]byte, error) { return append(dst, v...), nil },
		Decode: func(src []byte) (string, error) { return string(src), nil },
	}
)

// number performs v>>40 steps and returns v + 1.
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
	Name: "echo", In: raw.View(), Out: raw.Slice[byte](),
	Func: func(_ context.Context, v []byte) ([]byte, error) { return v, nil },
}

// carry is echo, unless its input makes it wait for a kill, or kill itself while it sends a large
// output.
var carry = strategies.Kernel[[]byte, []byte]{
	Name: "carry", In: raw.View(), Out: raw.Slice[byte](),
	Func: func(_ context.Context, v []byte) ([]byte, error) {
		if len(v) > 1000 {
			return v, nil
		}
		if mark, ok := strings.CutPrefix(string(v), "hang "); ok {
			if err := os.WriteFile(mark, fmt.Append(nil, os.Getpid()), 0o600); err != nil {
				return nil, err
			}
			select {}
		}
		if after, ok := strings.CutPrefix(string(v), "die after "); ok {
			d, err := time.ParseDuration(after)
			if err != nil {
				return nil, err
			}
			time.AfterFunc(d, func() { syscall.Kill(os.Getpid(), syscall.SIGKILL) })
			return make([]byte, inFlight), nil
		}
		return v, nil
	},
}

// prepared lists the inputs with which prepare has run in this worker.
var prepared []string

// prepare is an initialiser that does what its input says.
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
		case "kill":
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		case "hang":
			select {}
		case "garbage":
			syscall.Write(fdOut, []byte(strings.Repeat("hello, world\n", 10)))
		}
		prepared = append(prepared, v)
		return "", nil
	},
}
