// Package json provides encoding/json as a codec: readable and slow.
package json

import (
	"encoding/json"

	"github.com/payoff-bench/payoff/strategies"
)

// Name is the codec's name.
const Name = "json"

// Of returns the JSON codec for values of type T.
func Of[T any]() strategies.Codec[T] {
	return strategies.Codec[T]{
		Append: func(dst []byte, v T) ([]byte, error) {
			b, err := json.Marshal(v)
			return append(dst, b...), err
		},
		Decode: func(src []byte) (v T, err error) {
			if err := json.Unmarshal(src, &v); err != nil {
				return *new(T), err
			}
			return v, nil
		},
	}
}
