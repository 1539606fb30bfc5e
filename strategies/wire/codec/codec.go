// Package codec provides every codec by name, for programs that compare codecs. A kernel with a
// fixed codec uses the package of this codec, so that a worker program contains no other codecs.
//
//   - raw: numbers, bytes and texts as they are in memory; the cheapest codec
//   - cbor: the default for structs
//   - gobstream: gob without the descriptions of types, which both sides know
//   - gob: gob with the descriptions of types in each message
//   - json: encoding/json
//
// A value that a codec cannot encode causes an error: raw and gobstream return it when the codec is
// created, cbor, gob and json when the value is encoded. Bytes that are not a valid value cause an
// error too. Two problems are not detected. First, bytes that were corrupted in transit may still
// be a valid value, since no codec has a checksum. Second, encoding ends the program with a stack
// overflow if a value contains itself (cbor, gob) or has some 100,000 nested levels (all codecs but
// raw). Decoders refuse values with more than 256 nested levels (cbor) or 10,000 (json). The gob
// decoders have no such limit, so their input must come from a trusted program.
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

// Names returns the names of all codecs, from the cheapest to the most expensive.
func Names() []string {
	return []string{raw.Name, cbor.Name, gob.StreamName, gob.MessageName, json.Name}
}

// Doc returns a one-line description of the codec with the given name, or "" for an unknown name.
func Doc(name string) string {
	return map[string]string{
		raw.Name:        "numbers, bytes and texts as they are in memory",
		cbor.Name:       "binary and self-describing; the default for structs",
		gob.StreamName:  "gob without type descriptions",
		gob.MessageName: "gob with the type descriptions in each value",
		json.Name:       "encoding/json",
	}[name]
}

// A NameError reports the name of a codec that does not exist.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("unknown codec %q; choose one of %s", e.Name, strings.Join(Names(), ", "))
}

// For returns the codec with the given name for values of type T. If no codec has this name, the
// error is a [NameError]. If the codec cannot encode T, the error is a TypeError of the codec's
// package.
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

// rawFor returns the codec for T from package raw. The package has one constructor for each group
// of types, such as strings, slices and numbers; rawFor chooses among them.
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
