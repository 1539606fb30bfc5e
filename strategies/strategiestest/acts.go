package strategiestest

import (
	"cmp"
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

// An act is the input of a test task. Its field Do, a deed, says what the task does.
type act struct {
	Index int
	Do    deed
	Dir   string // folder of the [gate], if the task runs in a worker process and uses a gate
	gate  *gate  // the gate, if the task runs in this process and uses a gate
}

// A done is the output of an act that succeeded.
type done struct {
	Index int
	PID   int
	Do    deed
	Words string // environment and open descriptors, if Do is doBelongings
}

// String returns the index of d. It omits the process id, so that equal outcomes of different
// workers have equal texts.
func (d done) String() string { return strconv.Itoa(d.Index) }

// A deed names the action of a test task, such as to fail or to wait. The empty deed succeeds at
// once.
type deed string

// The deeds. A task with the zero deed succeeds at once.
const (
	doWait deed = "arrive at the gate, then succeed when the gate opens or fail when the context ends"
	doMark deed = "arrive at the gate and succeed, or fail if the task has arrived before"

	doListen deed = "arrive at the gate, wait until the context ends, and return the error of the context"

	doError  deed = "return an error"
	doGoexit deed = "call runtime.Goexit"

	doExit3        deed = "print a line to standard error and exit with code 3"
	doKill         deed = "send SIGKILL to its own process"
	doStop         deed = "send SIGSTOP to its own process"
	doHang         deed = "wait until the context ends"
	doIgnore       deed = "ignore SIGTERM and the context, and never end"
	doGrandchild   deed = "start a process that holds the descriptors of the worker, and never end"
	doDieTwice     deed = "send SIGKILL to its own process in the first two attempts"
	doNap          deed = "sleep for napTime"
	doPrepare      deed = "prepare this process; fail if it was prepared before, or if the preparation is broken"
	doPrepared     deed = "fail unless this process was prepared"
	doBelongings   deed = "return the environment and the open descriptors"
	doPrint        deed = "print to standard output"
	doEncodeInput  deed = "fail to encode the input"
	doDecodeInput  deed = "fail to decode the input"
	doEncodeOutput deed = "fail to encode the output"
	doDecodeOutput deed = "fail to decode the output"
	byPanic        deed = ", by panic"  // suffix for the four deeds above
	byGoexit       deed = ", by Goexit" // suffix for the four deeds above
)

// perform performs the deed of act a and returns the outcome of its task. ctx is the context of the
// task.
func perform(ctx context.Context, a act) (done, error) {
	d := done{Index: a.Index, PID: os.Getpid(), Do: a.Do}
	if fail, ok := fails[a.Do]; ok {
		return d, fail()
	}
	switch a.Do {
	case doWait:
		return d, a.wait(ctx)
	case doMark:
		return d, a.mark()
	case doListen:
		if err := a.mark(); err != nil {
			return d, err
		}
		untilDone(ctx)
		return d, ctx.Err()
	case doHang:
		<-ctx.Done()
		return d, context.Cause(ctx)
	case doIgnore:
		signal.Ignore(syscall.SIGTERM)
		select {}
	case doGrandchild:
		return d, grandchild()
	case doDieTwice:
		for i := range 2 {
			if create(filepath.Join(a.Dir, fmt.Sprintf("death%d of %d", i, a.Index))) == nil {
				signalSelf(syscall.SIGKILL)
			}
		}
	case doNap:
		time.Sleep(napTime)
	case doPrepare:
		return d, prepareProcess(a)
	case doPrepared:
		if !prepared {
			return d, errors.New("the worker process was not prepared")
		}
	case doBelongings:
		d.Words = strings.Join(slices.Concat(os.Environ(), slices.Collect(maps.Keys(descriptors()))), "\n")
	case doPrint:
		fmt.Println(strings.Repeat("not data\x00\xff", 1000))
	}
	return d, nil
}

const napTime = 5 * time.Millisecond

// create creates a file with the given name that contains the id of this process. It returns an
// error if the file exists.
func create(name string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprint(f, os.Getpid(), endOfPID)
	return err
}

// signalSelf sends signal s, which ends or stops the process, to this process. It never returns,
// because the signal may reach another thread first, and the calling goroutine must not continue
// meanwhile.
func signalSelf(s syscall.Signal) error {
	signalTo(os.Getpid(), s)
	select {}
}

// grandchild starts a process in a new session. That process inherits the descriptors of the
// worker. grandchild then never returns. If the start fails, it returns an error.
func grandchild() error {
	child := exec.Command("/bin/sleep", "3")
	child.SysProcAttr = session()
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	for fd := uintptr(3); fd <= 4; fd++ { // descriptors of the worker's channel
		f := os.NewFile(fd, "channel")
		runtime.SetFinalizer(f, nil)
		child.ExtraFiles = append(child.ExtraFiles, f)
	}
	if err := child.Start(); err != nil {
		return err
	}
	select {}
}

// plain returns n acts whose tasks succeed at once.
func plain(n int) []act {
	acts := make([]act, n)
	for i := range acts {
		acts[i] = plainAct(i)
	}
	return acts
}

func plainAct(i int) act { return act{Index: i} }

// mixed returns n acts, of which every second fails. The failing acts go through the deeds of
// t.failures in turn.
func (t *testCase) mixed(n int) []act {
	failures := t.failures()
	acts := plain(n)
	for i := range acts {
		if i%2 == 0 {
			acts[i].Do = failures[i/2%len(failures)].do
		}
	}
	return acts
}

// failing returns the number of acts that fail. It counts the acts that have a deed, so every deed
// in acts must be one that fails.
func failing(acts []act) (n int) {
	for _, a := range acts {
		if a.Do != "" {
			n++
		}
	}
	return n
}

// Kernels returns the kernels that a worker program must serve for the tests of [Run]. Some of
// their tasks create a nested process pool with strategy s.
func Kernels(s catalog.Strategy) []work.Callable {
	return []work.Callable{actKernel, bytesKernel, nestKernel(s)}
}

// actKernel is the kernel that performs acts.
var actKernel = actsBy(perform)

// actsBy returns a kernel that applies f to acts, but only in this process. In a worker process the
// kernel of the same name applies perform instead, because a worker program serves no other
// function.
func actsBy(f func(context.Context, act) (done, error)) strategies.Kernel[act, done] {
	return resumable(strategies.Kernel[act, done]{
		Name: "strategiestest.act",
		Func: f,
		In:   failingCodec(func(a act) deed { return a.Do }, doEncodeInput, doDecodeInput),
		Out:  failingCodec(func(d done) deed { return d.Do }, doEncodeOutput, doDecodeOutput),
	})
}

// bytesKernel adds 1 to every byteStep-th byte of its input, in place, and returns the input.
var bytesKernel = resumable(strategies.Kernel[[]byte, []byte]{
	Name: "strategiestest.bytes",
	Func: func(_ context.Context, b []byte) ([]byte, error) {
		for i := 0; i < len(b); i += byteStep {
			b[i]++
		}
		return b, nil
	},
	In:  bytesCodec,
	Out: bytesCodec,
})

const byteStep = 1021

var bytesCodec = strategies.Codec[[]byte]{
	Append: func(dst, v []byte) ([]byte, error) { return append(dst, v...), nil },
	Decode: func(src []byte) ([]byte, error) { return append([]byte(nil), src...), nil },
}

// kernel returns a kernel that applies f. It has no name and no codecs, so only executors in this
// process can run it.
func kernel[In, Out any](f func(context.Context, In) (Out, error)) strategies.Kernel[In, Out] {
	return resumable(strategies.Kernel[In, Out]{Func: f})
}

// resumable returns k with a resumable form, so that an event loop can run it. The resumable form
// calls k.Func and blocks the loop until k.Func returns. An event loop thus runs one task after
// another, as most rules expect.
func resumable[In, Out any](k strategies.Kernel[In, Out]) strategies.Kernel[In, Out] {
	f := k.Func
	k.Begin = func(ctx context.Context, in In, _ strategies.Events, done func(Out, error)) { done(f(ctx, in)) }
	return k
}

// identity is a kernel that returns its input.
var identity = kernel(func(_ context.Context, n int) (int, error) { return n, nil })

func jsonCodec[V any]() strategies.Codec[V] {
	return strategies.Codec[V]{
		Append: func(dst []byte, v V) ([]byte, error) {
			b, err := json.Marshal(v)
			return append(dst, b...), err
		},
		Decode: func(src []byte) (v V, err error) {
			err = json.Unmarshal(src, &v)
			return v, err
		},
	}
}

// failingCodec returns a JSON codec that fails for some values. The function do returns the deed of
// a value. The codec fails to encode values with the deed encode, and fails to decode values with
// the deed decode. It fails by an error or, if the deed ends in byPanic or byGoexit, by a panic or
// Goexit.
func failingCodec[V any](do func(V) deed, encode, decode deed) strategies.Codec[V] {
	fail := func(v V, at deed) error {
		switch do(v) {
		case at:
			return errAct
		case at + byPanic:
			panic("boom")
		case at + byGoexit:
			runtime.Goexit()
		}
		return nil
	}
	codec := jsonCodec[V]()
	return strategies.Codec[V]{
		Append: func(dst []byte, v V) ([]byte, error) {
			b, err := codec.Append(dst, v)
			return b, cmp.Or(err, fail(v, encode))
		},
		Decode: func(src []byte) (V, error) {
			v, err := codec.Decode(src)
			return v, cmp.Or(err, fail(v, decode))
		},
	}
}
