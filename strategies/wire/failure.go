package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
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
)

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
	dst = append(dst, sort)
	dst = binary.LittleEndian.AppendUint32(dst, place(err, declared))
	dst = appendText(dst, step)
	dst = appendText(dst, fmt.Sprintf("%T", inner))
	dst = appendText(dst, text(message))
	return appendText(dst, cut(string(stack)))
}

// place returns the position in declared, counted from 1, of the first error that err matches by
// errors.Is. It returns 0 if err matches no declared error, or if a method of err panics or calls
// Goexit.
func place(err error, declared []error) (n uint32) {
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
	}
	return nil, &FrameError{Header: Header{Kind: KindError, Len: uint32(len(p))}, Reason: "unknown kind of error"}
}

// ErrTooLarge is the error of an input or an output that does not fit into a frame.
var ErrTooLarge = errors.New("larger than a frame can carry (1 GiB)")
