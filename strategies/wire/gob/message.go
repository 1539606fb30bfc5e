// Package gob provides two codecs that use encoding/gob. With [Message] each value contains the
// description of its type. With [Stream] both sides know the type in advance, so values
// contain no description.
package gob

import (
	"bytes"
	"encoding/gob"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
)

// The names of the codecs.
const (
	MessageName = "gob"
	StreamName  = "gobstream"
)

// Message returns the gob codec for T that encodes each value as a complete gob stream. So the
// encoder builds and sends the description of type T with each value, and the decoder compiles it
// again.
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
				return *new(T), fmt.Errorf("gob: %d bytes follow the value", r.Len())
			}
			return v, nil
		},
	}
}
