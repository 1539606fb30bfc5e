// Package gob is encoding/gob as a codec, in two forms: [Message], where each value
// describes its type anew, and [Stream], where both sides know the type beforehand as the
// two ends of a long stream do.
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

// Message returns the codec of T in which every value stands alone: the description of
// its type is made, sent and compiled again for each.
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
				return *new(T), fmt.Errorf("gob: %d bytes behind the value", r.Len())
			}
			return v, nil
		},
	}
}
