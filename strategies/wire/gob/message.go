// Package gob provides encoding/gob as a codec in two forms. In [Message] each value describes its
// type. In [Stream] both sides know the type in advance, like the two ends of a long stream.
package gob

import (
	"bytes"
	"encoding/gob"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
)

// The codecs' names.
const (
	MessageName = "gob"
	StreamName  = "gobstream"
)

// Message returns the codec of T in which every value stands alone. The description of its type is
// built, sent and compiled for each value.
func Message[T any]() strategies.Codec[T] {
	return strategies.Codec[T]{
		Append: func(dst []byte, v T) ([]byte, error) {
			buf := bytes.NewBuffer(dst)
			if err := gob.NewEncoder(buf).Encode(&v); err != nil {
				return dst, err
			}
			return buf.Bytes(), nil
		},
		Decode: func(src []byte) (v T, err error) {
			r := bytes.NewReader(src)
			if err := gob.NewDecoder(r).Decode(&v); err != nil {
				return *new(T), err
			}
			if r.Len() > 0 {
				return *new(T), fmt.Errorf("gob: %d bytes after the value", r.Len())
			}
			return v, nil
		},
	}
}
