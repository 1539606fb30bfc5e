package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/payoff-bench/payoff/strategies/work"
)

// maxText is the most that is kept of an error's message or stack.
const maxText = 64 << 10

// The sorts of failure that keep their meaning on the way to the parent.
const (
	failError  = iota // what the kernel returned
	failPanic         // Message is the value's text
	failGoexit        //
	failCodec         // Step says which
)

// AppendError appends the payload of an Error frame: what is known of err in another process,
// and the first of the declared errors that it is, by [errors.Is]. A method of err that panics
// does no harm.
func AppendError(dst []byte, err error, declared []error) []byte {
	sort, step, stack := byte(failError), "", []byte(nil)
	inner := err
	var p *work.PanicError
	var c *work.CodecError
	switch {
	case err == work.ErrGoexit:
		sort = failGoexit
	case as(err, &c):
		sort, step, inner = failCodec, c.Step, c.Err
		if as(inner, &p) {
			stack = p.Stack
		}
	case as(err, &p):
		sort, stack = failPanic, p.Stack
	}
	dst = append(dst, sort)
	dst = binary.LittleEndian.AppendUint32(dst, place(err, declared))
	dst = appendText(dst, step)
	dst = appendText(dst, fmt.Sprintf("%T", inner))
	if sort == failPanic {
		dst = appendText(dst, text(func() string { return fmt.Sprint(p.Value) }))
	} else {
		dst = appendText(dst, text(inner.Error))
	}
	return appendText(dst, cut(string(stack)))
}

// place returns the place of the first of the declared errors that err is, from 1; 0 if it is
// none of them.
func place(err error, declared []error) (n uint32) {
	defer func() {
		if recover() != nil {
			n = 0
		}
	}()
	return uint32(1 + slices.IndexFunc(declared, func(d error) bool { return errors.Is(err, d) }))
}

// as is errors.As on the outermost error alone: an error that wraps a panic is
// another error.
func as[E error](err error, e *E) (ok bool) {
	*e, ok = err.(E)
	return ok
}

// text returns what f does, or says how it panicked.
func text(f func() string) (s string) {
	defer func() {
		if p := recover(); p != nil {
			s = fmt.Sprintf("(its text panicked: %T)", p)
		}
	}()
	return cut(f())
}

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

// ParseError decodes the payload of an Error frame of a task of kernel. It returns the failure
// of the task, or why the payload makes no sense.
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
	return nil, &FrameError{Header: Header{Kind: KindError, Len: uint32(len(p))}, Reason: "unknown sort of failure"}
}

// ErrTooLarge is an input or an output that does not fit into a frame.
var ErrTooLarge = errors.New("larger than a frame can carry (1 GiB)")
