// Package codec provides every codec by name, for programs in which the codec is an axis. A kernel
// with a fixed codec uses the package of that codec, so that a worker links no others.
//
//   - raw: numbers, bytes and texts as they are in memory; the cheapest
//   - cbor: the default for structs
//   - gobstream: gob in the middle of a stream, where types are known
//   - gob: gob in messages that stand alone, types included
//   - json: encoding/json
//
// A value that a codec cannot encode is an error: when the codec is created (raw, gobstream), or
// when the value is encoded (the others). Bytes that are not a valid value are an error too. Two
// problems are not detected. Bytes that were corrupted on their way may still be a valid value,
// since no codec has a checksum. And encoding ends the program by a stack overflow if a value
// contains itself (cbor, gob) or is nested some 100,000 levels deep (all but raw). Decoders refuse
// values nested deeper than 256 levels (cbor) or 10,000 (json). Those of gob have no such limit, so
// their input must come from a trusted program.
package codec

import (
	"fmt"
	"strings"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/cbor"
	"github.com/payoff-bench/payoff/strategies/wire/gob"
	"github.com/payoff-bench/payoff/strategies/wire/json"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
)

// Default is the name of the codec for structs.
const Default = cbor.Name

// Names returns the names of the codecs, the cheapest first.
func Names() []string {
	return []string{raw.Name, cbor.Name, gob.StreamName, gob.MessageName, json.Name}
}

// Doc returns a one-line description of the named codec; "" if there is none.
func Doc(name string) string {
	return map[string]string{
		raw.Name:        "numbers, bytes and texts as they lie in memory",
		cbor.Name:       "binary and self-describing; the default for structs",
		gob.StreamName:  "gob's values alone, as in the middle of a stream",
		gob.MessageName: "gob in messages that stand alone, types and all",
		json.Name:       "encoding/json",
	}[name]
}

// A NameError reports the name of an unknown codec.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("unknown codec %q; choose one of %s", e.Name, strings.Join(Names(), ", "))
}

// For returns the named codec for T. It returns a [NameError] if there is no such codec, or the
// codec's own TypeError if it cannot encode T.
func For[T any](name string) (strategies.Codec[T], error) {
	switch name {
	case raw.Name:
		return rawFor[T]()
	case cbor.Name:
		return cbor.Of[T](), nil
	case gob.StreamName:
		return gob.Stream[T]()
	case gob.MessageName:
		return gob.Message[T](), nil
	case json.Name:
		return json.Of[T](), nil
	}
	return strategies.Codec[T]{}, &NameError{Name: name}
}

// rawFor returns the raw codec for T. Package raw has several.
func rawFor[T any]() (strategies.Codec[T], error) {
	for _, c := range []any{
		raw.Text(), raw.Slice[byte](), raw.Slice[int](), raw.Slice[int32](), raw.Slice[int64](),
		raw.Slice[uint32](), raw.Slice[uint64](), raw.Slice[float32](), raw.Slice[float64](),
	} {
		if c, ok := c.(strategies.Codec[T]); ok {
			return c, nil
		}
	}
	return raw.Fixed[T]()
}
