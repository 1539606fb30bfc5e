package strategiestest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Kernels returns the kernels that a worker program must serve for [Run], for tasks that
// have pools of their own by strategy s.
func Kernels(s catalog.Strategy) []work.Callable {
	return []work.Callable{ActKernel, BytesKernel, nestKernel(s)}
}

// An Act is a task that says what it does.
type Act struct {
	Index int
	Do    Deed
	Dir   string // of the gate, for the deeds that have to do with one
}

// A Done is the output of an Act that succeeded.
type Done struct {
	Index int
	PID   int
	Do    Deed
	Words string // of the deeds that have something to say
}

// A Deed is what an Act does.
type Deed string

// Deeds. The zero Deed succeeds.
const (
	Wait Deed = "arrive at the gate, succeed when it is opened, fail when the context ends"
	Mark Deed = "leave a mark that says that it ran, fail if there is one"

	Error          Deed = "return an error"
	OwnType        Deed = "return an error of its own type"
	EmptyError     Deed = "return an error without text"
	TypedNil       Deed = "return a typed nil error"
	TypedNilPanics Deed = "return a typed nil error whose text panics"
	OwnDeadline    Deed = "return its own deadline error"
	OwnCancel      Deed = "return its own cancellation"
	PanicText      Deed = "panic with a string"
	PanicError     Deed = "panic with an error"
	PanicValue     Deed = "panic with a struct"
	PanicNil       Deed = "panic with nil"
	PanicBadText   Deed = "panic with a value whose text panics"
	RuntimeError   Deed = "write to a nil map"
	Goexit         Deed = "call runtime.Goexit"
	GoexitPanic    Deed = "call runtime.Goexit and panic in a deferred function"
	PanicGoexit    Deed = "panic and call runtime.Goexit in a deferred function"

	Exit0        Deed = "exit 0"
	Exit3        Deed = "say last words and exit 3"
	Kill         Deed = "send itself SIGKILL"
	Stop         Deed = "send itself SIGSTOP"
	Hang         Deed = "wait until its context ends"
	Ignore       Deed = "ignore SIGTERM and its context, and never end"
	Grandchild   Deed = "leave a process that holds every descriptor, and never end"
	DieTwice     Deed = "send itself SIGKILL the first two times"
	Nap          Deed = "take a moment"
	Crash        Deed = "panic in a goroutine of its own"
	Prepare      Deed = "prepare this process, fail if it was before or is not to be"
	Prepared     Deed = "fail unless this process was prepared"
	Belongings   Deed = "tell the environment and what is open"
	Print        Deed = "print to standard output"
	EncodeInput  Deed = "fail to encode the input"
	DecodeInput  Deed = "fail to decode the input"
	EncodeOutput Deed = "fail to encode the output"
	DecodeOutput Deed = "fail to decode the output"
	Panicking    Deed = ", by panic" // behind one of the four before
)

// ErrAct is what Error returns and PanicError panics with.
var ErrAct = errors.New("it failed")

// An Oops is an error type that a parent process need not know.
type Oops struct{ N int }

func (e Oops) Error() string { return fmt.Sprintf("oops %d", e.N) }

type nilError struct{ text string }

func (e *nilError) Error() string {
	if e == nil {
		return "nothing at all"
	}
	return e.text
}

type nilPanics struct{ text string }

func (e *nilPanics) Error() string { return e.text }

type badText struct{}

func (badText) String() string { panic("no text") }

// ActKernel does what its input says.
var ActKernel = resumable(strategies.Kernel[Act, Done]{
	Name: "strategiestest.act",
	Func: act,
	In:   codec(func(a Act) Deed { return a.Do }, EncodeInput, DecodeInput),
	Out:  codec(func(d Done) Deed { return d.Do }, EncodeOutput, DecodeOutput),
})

// BytesKernel returns its input with every byteStep-th byte one more.
var BytesKernel = resumable(strategies.Kernel[[]byte, []byte]{
	Name: "strategiestest.bytes",
	Func: func(_ context.Context, b []byte) ([]byte, error) {
		out := slices.Clone(b)
		for i := 0; i < len(out); i += byteStep {
			out[i]++
		}
		return out, nil
	},
	In:  bytesCodec,
	Out: bytesCodec,
})

// resumable gives k a resumable form that does all at once, and so holds up its loop. It
// makes a strategy that needs one run one task after the other, as most rules expect.
func resumable[In, Out any](k strategies.Kernel[In, Out]) strategies.Kernel[In, Out] {
	f := k.Func
	k.Begin = func(ctx context.Context, in In, _ strategies.Events, done func(Out, error)) { done(f(ctx, in)) }
	return k
}

const byteStep = 1021

var bytesCodec = strategies.Codec[[]byte]{
	Append: func(dst, v []byte) ([]byte, error) { return append(dst, v...), nil },
	Decode: func(src []byte) ([]byte, error) { return append([]byte(nil), src...), nil },
}

// codec is JSON, but fails where a deed says so.
func codec[V any](deed func(V) Deed, encode, decode Deed) strategies.Codec[V] {
	fail := func(v V, at Deed) error {
		switch deed(v) {
		case at:
			return ErrAct
		case at + Panicking:
			panic("boom")
		}
		return nil
	}
	return strategies.Codec[V]{
		Append: func(dst []byte, v V) ([]byte, error) {
			if err := fail(v, encode); err != nil {
				return nil, err
			}
			b, err := json.Marshal(v)
			return append(dst, b...), err
		},
		Decode: func(src []byte) (v V, err error) {
			if err := json.Unmarshal(src, &v); err != nil {
				return v, err
			}
			return v, fail(v, decode)
		},
	}
}

func act(ctx context.Context, a Act) (Done, error) {
	done := Done{Index: a.Index, PID: os.Getpid(), Do: a.Do}
	switch a.Do {
	case Wait:
		return done, wait(ctx, a)
	case Mark:
		return done, mark(a)
	case Error:
		return done, ErrAct
	case OwnType:
		return done, Oops{7}
	case EmptyError:
		return done, errors.New("")
	case TypedNil:
		return done, (*nilError)(nil)
	case TypedNilPanics:
		return done, (*nilPanics)(nil)
	case OwnDeadline:
		return done, context.DeadlineExceeded
	case OwnCancel:
		return done, context.Canceled
	case PanicText:
		panic("boom")
	case PanicError:
		panic(ErrAct)
	case PanicValue:
		panic(struct{ N int }{7})
	case PanicNil:
		panic(nil)
	case PanicBadText:
		panic(badText{})
	case RuntimeError:
		badMap()[a.Index] = 1
	case Goexit:
		runtime.Goexit()
	case GoexitPanic:
		defer panic("boom")
		runtime.Goexit()
	case PanicGoexit:
		defer runtime.Goexit()
		panic("boom")
	case Exit0:
		os.Exit(0)
	case Exit3:
		fmt.Fprintln(os.Stderr, "these are my last words")
		os.Exit(3)
	case Kill:
		signalTo(os.Getpid(), syscall.SIGKILL)
		select {}
	case Stop:
		stopSelf()
		select {} // another thread may take the signal
	case Hang:
		<-ctx.Done()
		return done, context.Cause(ctx)
	case Ignore:
		signal.Ignore(syscall.SIGTERM)
		select {}
	case Grandchild:
		return done, grandchild()
	case DieTwice:
		for i := range 2 {
			if f, err := os.OpenFile(filepath.Join(a.Dir, fmt.Sprintf("death%d of %d", i, a.Index)), os.O_CREATE|os.O_EXCL, 0o666); err == nil {
				f.Close()
				signalTo(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		}
	case Nap:
		time.Sleep(napTime)
	case Crash:
		go panic("boom far away")
		select {}
	case Prepare:
		return done, prepareProcess(a)
	case Prepared:
		if !prepared {
			return done, errors.New("this process was not prepared")
		}
	case Belongings:
		done.Words = strings.Join(slices.Concat(os.Environ(), slices.Collect(maps.Keys(descriptors()))), "\n")
	case Print:
		fmt.Println(strings.Repeat("not data\x00\xff", 1000))
	}
	return done, nil
}

const napTime = 5 * time.Millisecond

// grandchild starts a process that leaves the worker's group and keeps open what the
// worker has open, and does not return.
func grandchild() error {
	child := exec.Command("/bin/sleep", "3")
	child.SysProcAttr = session()
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	for fd := uintptr(3); fd <= 4; fd++ { // the channel of a worker
		f := os.NewFile(fd, "channel")
		runtime.SetFinalizer(f, nil)
		child.ExtraFiles = append(child.ExtraFiles, f)
	}
	if err := child.Start(); err != nil {
		return err
	}
	select {}
}

func badMap() map[int]int { return nil }

// mark leaves a mark in the gate's folder, with the process in it.
func mark(a Act) error {
	f, err := os.OpenFile(filepath.Join(a.Dir, "at"+strconv.Itoa(a.Index)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	return writePID(f)
}

// wait leaves a mark and waits for the gate to open.
func wait(ctx context.Context, a Act) error {
	if err := mark(a); err != nil {
		return err
	}
	for {
		if _, err := os.Stat(filepath.Join(a.Dir, "open")); err == nil {
			return nil
		}
		if err := strategies.Wait(ctx, pollTime); err != nil {
			return err
		}
	}
}

// pollTime is how often a condition is looked at that cannot be waited for.
const pollTime = 500 * time.Microsecond
