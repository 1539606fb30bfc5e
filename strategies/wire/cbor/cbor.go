// Package cbor provides the codec for structs: compact, self-describing and fast. It encodes the
// types that encoding/json does, with the same field tags or `cbor:"..."`.
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

// Of returns the codec of T. It makes at most two allocations per value, in addition to those of the
// value itself. The decoder trusts a count only as far as the input has bytes for it. Its memory is
// therefore bounded by the length of the input times the size of an element.
func Of[T any]() strategies.Codec[T] {
	scratch := sync.Pool{New: func() any { return new(encoding[T]) }}
	return strategies.Codec[T]{
		Append: func(dst []byte, v T) ([]byte, error) {
			e := scratch.Get().(*encoding[T])
			e.value = v
			e.buf = *bytes.NewBuffer(dst)
			err := encoder.MarshalToBuffer(&e.value, &e.buf)
			b := e.buf.Bytes()
			*e = encoding[T]{} // keep nothing of the caller's
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

// named returns err with a prefix that names the codec, unless it has one.
func named(err error) error {
	if strings.HasPrefix(err.Error(), "cbor: ") {
		return err
	}
	return fmt.Errorf("cbor: %w", err)
}

// An encoding holds a value and its bytes during Append. It is pooled to save allocations.
type encoding[T any] struct {
	value T
	buf   bytes.Buffer
}

const (
	mostElements = 1<<31 - 1 // of an array or a map; the frame size is the actual limit
	mostLevels   = 256
)

var (
	encoder = must(cbor.EncOptions{}.UserBufferEncMode())
	decoder = must(cbor.DecOptions{
		UTF8:             cbor.UTF8DecodeInvalid, // a Go string can have any bytes
		MaxArrayElements: mostElements,
		MaxMapPairs:      mostElements,
		MaxNestedLevels:  mostLevels,
	}.DecMode())
)

// must panics on an error of constant options, which would fail for every caller.
func must[M any](m M, err error) M {
	if err != nil {
		panic(err)
	}
	return m
}
