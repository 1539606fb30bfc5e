package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/payoff-bench/payoff/strategies/work"
)

// maxText is the largest number of bytes kept of an error's message or stack.
const maxText = 64 << 10

// The sorts of failure that an Error frame distinguishes.
const (
	failError = iota // an error that the kernel returned
	failPanic        // Message is the formatted panic value
	failGoexit
	failCodec // Step says which call of a codec failed

	// Only AppendOutcome writes these.
	failLost      // the worker process of the task was lost: the number is the exit code, the type the signal, the step the standard error
	failLimit     // the task exceeded its time limit; the message is the limit
	failStopped   // like failError, for a task that Stop ended
	failCancelled // the task was cancelled while it ran
)

// ErrCancelled is the error of a task that was running when its job was cancelled, in the form in
// which [AppendOutcome] passes it on.
var ErrCancelled = errors.New("the task was cancelled while it ran")

// AppendError appends the payload of an Error frame to dst: the type, message and stack of err. If
// err matches one of the declared errors (by [errors.Is]), the payload also contains the position
// of the first such error. AppendError returns even if methods of err panic or call
// [runtime.Goexit].
func AppendError(dst []byte, err error, declared []error) []byte {
	sort, step, stack, inner := byte(failError), "", []byte(nil), err
	message := func() string { return inner.Error() }
	switch e := err.(type) { // only the outermost error counts: an error that wraps a panic is not a panic
	case *work.CodecError:
		sort, step, inner = failCodec, e.Step, e.Err
		if p, ok := inner.(*work.PanicError); ok {
			stack = p.Stack
		}
	case *work.PanicError:
		sort, stack = failPanic, e.Stack
		message = func() string { return fmt.Sprint(e.Value) }
	default:
		if err == work.ErrGoexit {
			sort = failGoexit
		}
	}
	return appendFailure(dst, sort, position(err, declared), step, fmt.Sprintf("%T", inner), text(message), stack)
}

func appendFailure(dst []byte, sort byte, number uint32, step, typ, message string, stack []byte) []byte {
	dst = append(dst, sort)
	dst = binary.LittleEndian.AppendUint32(dst, number)
	dst = appendText(dst, step)
	dst = appendText(dst, typ)
	dst = appendText(dst, message)
	return appendText(dst, cut(string(stack)))
}

// AppendOutcome appends the payload of an Error frame to dst. The error err is that of a task which
// this program ran on one of its own worker processes. Unlike [AppendError], AppendOutcome keeps
// what a program knows about its workers: a [work.LostError], a [work.TimeoutError] and a
// [work.RemoteError] keep their types and fields.
func AppendOutcome(dst []byte, err error) []byte {
	switch e := err.(type) {
	case *work.RemoteError:
		sort := byte(failError)
		if e.Err == work.ErrClosed {
			sort = failStopped
		}
		return appendFailure(dst, sort, uint32(e.Declared), "", e.Type, e.Message, e.Stack)
	case *work.CodecError:
		if remote, ok := e.Err.(*work.RemoteError); ok {
			return appendFailure(dst, failCodec, 0, e.Step, remote.Type, remote.Message, remote.Stack)
		}
	case *work.LostError:
		return appendFailure(dst, failLost, uint32(int32(e.ExitCode)), cut(e.Stderr), strconv.Itoa(e.Signal), cut(e.Cause), nil)
	case *work.TimeoutError:
		return appendFailure(dst, failLimit, 0, "", "", e.Limit.String(), nil)
	}
	if err == ErrCancelled || err == work.ErrClosed {
		return appendFailure(dst, failCancelled, 0, "", "", "", nil)
	}
	return AppendError(dst, err, nil)
}

// position returns the position in declared, counted from 1, of the first error that err matches by
// errors.Is. It returns 0 if err matches no declared error, or if a method of err panics or calls
// Goexit.
func position(err error, declared []error) (n uint32) {
	if len(declared) > 0 {
		apart(func() {
			defer func() { recover() }()
			n = uint32(1 + slices.IndexFunc(declared, func(d error) bool { return errors.Is(err, d) }))
		})
	}
	return n
}

// text returns the result of f, the Error method of some error. If f panics or calls Goexit, text
// returns a text that says so.
func text(f func() string) (s string) {
	s = "(its Error method called runtime.Goexit)"
	apart(func() {
		defer func() {
			if p := recover(); p != nil {
				s = fmt.Sprintf("(its Error method panicked: %T)", p)
			}
		}()
		s = cut(f())
	})
	return s
}

// apart calls f on a new goroutine and waits until this goroutine has ended. Thus f cannot end the
// goroutine of the caller by Goexit.
func apart(f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Wait()
}

// cut returns s, shortened to at most maxText bytes and an ellipsis. It does not split a character.
func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// ParseError decodes p, the payload of an Error frame for a task of the given kernel. The result
// failure is the error of the task. The result err is not nil if the payload is invalid.
func ParseError(kernel string, p []byte) (failure, err error) {
	r := reader{rest: p}
	var sort byte
	if b := r.bytes(1); b != nil {
		sort = b[0]
	}
	declared := int(r.uint32())
	step := r.text()
	remote := &work.RemoteError{Declared: declared, Type: r.text(), Message: r.text()}
	if stack := r.bytes(r.uint32()); len(stack) > 0 {
		remote.Stack = bytes.Clone(stack)
	}
	if err := r.err(KindError, len(p)); err != nil {
		return nil, err
	}
	switch sort {
	case failError:
		return remote, nil
	case failPanic:
		return &work.PanicError{Value: remote.Message, Stack: remote.Stack}, nil
	case failGoexit:
		return work.ErrGoexit, nil
	case failCodec:
		return &work.CodecError{Kernel: kernel, Step: step, Err: remote}, nil
	case failLost:
		signal, _ := strconv.Atoi(remote.Type)
		return &work.LostError{Cause: remote.Message, ExitCode: int(int32(declared)), Signal: signal, Stderr: step}, nil
	case failLimit:
		limit, _ := time.ParseDuration(remote.Message)
		return &work.TimeoutError{Limit: limit}, nil
	case failStopped:
		remote.Err = work.ErrClosed
		return remote, nil
	case failCancelled:
		return ErrCancelled, nil
	}
	return nil, &FrameError{Header: Header{Kind: KindError, Len: uint32(len(p))}, Reason: "unknown kind of error"}
}

// ErrTooLarge is the error of an input or an output that does not fit into a frame.
var ErrTooLarge = errors.New("larger than a frame can carry (1 GiB)")
