package strategiestest

import (
	"context"
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
)

// An act is a task whose input says what it does.
type act struct {
	Index int
	Do    deed
	Dir   string // of the gate of a worker process, for the deeds at a gate
	gate  *gate  // the same in this process
}

// A done is the output of an act that succeeded.
type done struct {
	Index int
	PID   int
	Do    deed
	Words string // of the deeds that have something to say
}

// String returns the part of d that does not depend on the worker.
func (d done) String() string { return strconv.Itoa(d.Index) }

// A deed is what an act does.
type deed string

// The deeds. The zero deed succeeds.
const (
	doWait deed = "arrive at the gate, succeed when it is opened, fail when the context ends"
	doMark deed = "leave a mark that says that it ran, fail if there is one"

	doError          deed = "return an error"
	doOwnType        deed = "return an error of its own type"
	doEmptyError     deed = "return an error without text"
	doTypedNil       deed = "return a typed nil error"
	doTypedNilPanics deed = "return a typed nil error whose text panics"
	doOwnDeadline    deed = "return its own deadline error"
	doOwnCancel      deed = "return its own cancellation"
	doPanicText      deed = "panic with a string"
	doPanicError     deed = "panic with an error"
	doPanicValue     deed = "panic with a struct"
	doPanicNil       deed = "panic with nil"
	doPanicBadText   deed = "panic with a value whose text panics"
	doRuntimeError   deed = "write to a nil map"
	doGoexit         deed = "call runtime.Goexit"
	doGoexitPanic    deed = "call runtime.Goexit and panic in a deferred function"
	doPanicGoexit    deed = "panic and call runtime.Goexit in a deferred function"

	doExit0        deed = "exit 0"
	doExit3        deed = "say last words and exit 3"
	doKill         deed = "send itself SIGKILL"
	doStop         deed = "send itself SIGSTOP"
	doHang         deed = "wait until its context ends"
	doIgnore       deed = "ignore SIGTERM and its context, and never end"
	doGrandchild   deed = "leave a process that holds every descriptor, and never end"
	doDieTwice     deed = "send itself SIGKILL the first two times"
	doNap          deed = "take a moment"
	doCrash        deed = "panic in a goroutine of its own"
	doPrepare      deed = "prepare this process, fail if it was prepared before or cannot be"
	doPrepared     deed = "fail unless this process was prepared"
	doBelongings   deed = "return the environment and what is open"
	doPrint        deed = "print to standard output"
	doEncodeInput  deed = "fail to encode the input"
	doDecodeInput  deed = "fail to decode the input"
	doEncodeOutput deed = "fail to encode the output"
	doDecodeOutput deed = "fail to decode the output"
	byPanic        deed = ", by panic" // follows one of the four before
)

// errAct is the error that doError returns and doPanicError panics with.
var errAct = errors.New("it failed")

// An oops is an error type that a parent process need not know.
type oops struct{ N int }

func (e oops) Error() string { return fmt.Sprintf("oops %d", e.N) }

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

// returned are the errors of the deeds that return one.
var returned = map[deed]error{
	doError:          errAct,
	doOwnType:        oops{7},
	doEmptyError:     errors.New(""),
	doTypedNil:       (*nilError)(nil),
	doTypedNilPanics: (*nilPanics)(nil),
	doOwnDeadline:    context.DeadlineExceeded,
	doOwnCancel:      context.Canceled,
}

// panicked are the values of the deeds that panic with one.
var panicked = map[deed]any{
	doPanicText:    "boom",
	doPanicError:   errAct,
	doPanicValue:   struct{ N int }{7},
	doPanicNil:     nil,
	doPanicBadText: badText{},
}

// perform does what a says.
func perform(ctx context.Context, a act) (done, error) {
	d := done{Index: a.Index, PID: os.Getpid(), Do: a.Do}
	if err, ok := returned[a.Do]; ok {
		return d, err
	}
	if v, ok := panicked[a.Do]; ok {
		panic(v)
	}
	switch a.Do {
	case doWait:
		return d, a.wait(ctx)
	case doMark:
		return d, a.mark()
	case doRuntimeError:
		nilMap()[a.Index] = 1
	case doGoexit:
		runtime.Goexit()
	case doGoexitPanic:
		defer panic("boom")
		runtime.Goexit()
	case doPanicGoexit:
		defer runtime.Goexit()
		panic("boom")
	case doExit0:
		os.Exit(0)
	case doExit3:
		fmt.Fprintln(os.Stderr, "these are my last words")
		os.Exit(3)
	case doKill:
		signalSelf(syscall.SIGKILL)
	case doStop:
		signalSelf(syscall.SIGSTOP)
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
	case doCrash:
		go panic("boom far away")
		select {}
	case doPrepare:
		return d, prepareProcess(a)
	case doPrepared:
		if !prepared {
			return d, errors.New("this process was not prepared")
		}
	case doBelongings:
		d.Words = strings.Join(slices.Concat(os.Environ(), slices.Collect(maps.Keys(descriptors()))), "\n")
	case doPrint:
		fmt.Println(strings.Repeat("not data\x00\xff", 1000))
	}
	return d, nil
}

const napTime = 5 * time.Millisecond

func nilMap() map[int]int { return nil }

// create makes an empty file that does not exist yet.
func create(name string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	return f.Close()
}

// signalSelf sends this process a signal and does not return: another thread may take the
// signal, a moment later.
func signalSelf(s syscall.Signal) {
	syscall.Kill(os.Getpid(), s)
	select {}
}

// grandchild starts a process that leaves the worker's group and keeps open what the
// worker has open, and does not return.
func grandchild() error {
	child := exec.Command("/bin/sleep", "3")
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
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

// plain returns n acts that do nothing but succeed.
func plain(n int) []act {
	acts := make([]act, n)
	for i := range acts {
		acts[i] = plainAct(i)
	}
	return acts
}

func plainAct(i int) act { return act{Index: i} }

// mixed returns n acts of which each second fails, by all ways that cost no worker in turn.
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

// failing returns how many of acts should fail.
func failing(acts []act) (n int) {
	for _, a := range acts {
		if a.Do != "" {
			n++
		}
	}
	return n
}
