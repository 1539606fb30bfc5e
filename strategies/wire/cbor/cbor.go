// Package cbor is the codec for structs: compact, self-describing and quick. It takes
// what encoding/json takes, by the same field tags or by `cbor:"..."`.
package cbor

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"github.com/fxamacker/cbor/v2"

	"github.com/payoff-bench/payoff/strategies"
)

// Name is the codec's name.
const Name = "cbor"

// Of returns the codec of T. It takes at most two allocations a value besides what the
// value itself is made of. A decoder believes a count only as far as there are bytes for
// it, so what it allocates is bounded by the bytes that came times the size of an element.
func Of[T any]() strategies.Codec[T] {
	scratch := sync.Pool{New: func() any { return new(encoding[T]) }}
	return strategies.Codec[T]{
		Append: func(dst []byte, v T) ([]byte, error) {
			e := scratch.Get().(*encoding[T])
			e.value = v
			e.buf = *bytes.NewBuffer(dst)
			err := encoder.MarshalToBuffer(&e.value, &e.buf)
			b := e.buf.Bytes()
			*e = encoding[T]{} // keeps nothing of the caller's
			scratch.Put(e)
			if err != nil {
				return dst, named(err)
			}
			return b, nil
		},
		Decode: func(src []byte) (v T, err error) {
			if err := decoder.Unmarshal(src, &v); err != nil {
				return *new(T), named(err)
			}
			return v, nil
		},
	}
}

// named says that err is of this codec, where it does not.
func named(err error) error {
	if strings.HasPrefix(err.Error(), "cbor: ") {
		return err
	}
	return fmt.Errorf("cbor: %w", err)
}

// An encoding is a value on its way, and its bytes: on the heap once, not once a value.
type encoding[T any] struct {
	value T
	buf   bytes.Buffer
}

const (
	mostElements = 1<<31 - 1 // of an array or a map: the size of the frame is the limit
	mostLevels   = 256
)

var (
	encoder = must(cbor.EncOptions{}.UserBufferEncMode())
	decoder = must(cbor.DecOptions{
		UTF8:             cbor.UTF8DecodeInvalid, // a string of Go is any bytes
		MaxArrayElements: mostElements,
		MaxMapPairs:      mostElements,
		MaxNestedLevels:  mostLevels,
	}.DecMode())
)

// must is for options that are constant, and so right or wrong for everybody.
func must[M any](m M, err error) M {
	if err != nil {
		panic(err)
	}
	return m
}
