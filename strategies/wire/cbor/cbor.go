// Package cbor provides a codec for structs: compact, self-describing and fast. It encodes the same
// types as encoding/json, and reads field tags with the key json or cbor.
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

// Of returns the CBOR codec for type T. It makes at most two allocations per value, in addition to
// those of the value itself. The decoder rejects a count of elements that exceeds the length of the
// input. It therefore allocates at most the length of the input times the size of an element.
func Of[T any]() strategies.Codec[T] {
	scratch := sync.Pool{New: func() any { return new(encoding[T]) }}
	return strategies.Codec[T]{
		Append: func(dst []byte, v T) ([]byte, error) {
			e := scratch.Get().(*encoding[T])
			e.value = v
			e.buf = *bytes.NewBuffer(dst)
			err := encoder.MarshalToBuffer(&e.value, &e.buf)
			b := e.buf.Bytes()
			*e = encoding[T]{} // keep no reference to memory of the caller
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

// named returns err with the name of the codec in front, unless the text of err already begins with
// this name.
func named(err error) error {
	if strings.HasPrefix(err.Error(), "cbor: ") {
		return err
	}
	return fmt.Errorf("cbor: %w", err)
}

// An encoding holds a value and its encoded bytes during a call of the codec's function Append.
// Encodings are kept in a pool to save allocations.
type encoding[T any] struct {
	value T
	buf   bytes.Buffer
}

const (
	mostElements = 1<<31 - 1 // largest number of elements of an array or map; in practice the frame size is the limit
	mostLevels   = 256
)

var (
	encoder = must(cbor.EncOptions{}.UserBufferEncMode())
	decoder = must(cbor.DecOptions{
		UTF8:             cbor.UTF8DecodeInvalid, // a Go string may contain any bytes
		MaxArrayElements: mostElements,
		MaxMapPairs:      mostElements,
		MaxNestedLevels:  mostLevels,
	}.DecMode())
)

// must returns m. If err is not nil, must panics: the constant options of the codec are then wrong.
func must[M any](m M, err error) M {
	if err != nil {
		panic(err)
	}
	return m
}
