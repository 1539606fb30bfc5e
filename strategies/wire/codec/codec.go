// Package codec has every codec by its name, for programs in which the codec is an axis. A
// kernel with one codec uses the package of that codec, so that a worker links no other.
//
//   - raw: numbers, bytes and texts as they lie in memory; the floor
//   - cbor: the default for structs
//   - gobstream: gob in the middle of a stream, where types are known
//   - gob: gob in messages that stand alone, types and all
//   - json: encoding/json
//
// What a codec does not take is an error when it is made (raw, gobstream) or of the value
// (the others), and so are bytes that are no value. Two things are neither: bytes that were
// spoilt on their way and still are a value, since no codec has a checksum; and a value that
// holds itself (cbor, gob) or is nested some 100,000 levels deep (all but raw), which ends the
// program by a stack overflow when it is encoded. Decoders refuse values nested deeper than 256
// levels (cbor) or 10,000 (json); those of gob refuse none, so its bytes must come from a program
// that is trusted.
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

// Names returns the codecs' names, the cheapest first.
func Names() []string {
	return []string{raw.Name, cbor.Name, gob.StreamName, gob.MessageName, json.Name}
}

// Doc returns one line on the named codec; "" if there is no such codec.
func Doc(name string) string {
	return map[string]string{
		raw.Name:        "numbers, bytes and texts as they lie in memory",
		cbor.Name:       "binary and self-describing; the default for structs",
		gob.StreamName:  "gob's values alone, as in the middle of a stream",
		gob.MessageName: "gob in messages that stand alone, types and all",
		json.Name:       "encoding/json",
	}[name]
}

// A NameError is a codec that does not exist.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("codec %q: there are %s", e.Name, strings.Join(Names(), ", "))
}

// For returns the named codec for T: a [NameError] if there is no such codec, the codec's
// own TypeError if it does not take T.
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

// rawFor finds the raw codec of T, which has several.
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
