package gob

import (
	"bytes"
	"cmp"
	"encoding/gob"
	"fmt"
	"reflect"
	"sync"

	"github.com/payoff-bench/payoff/strategies"
)

// A TypeError reports a type that the codec of [Stream] cannot encode.
type TypeError struct{ Type, Part, Reason string }

func (e *TypeError) Error() string {
	return fmt.Sprintf("gob stream: %s contains %s: %s; use the codec %q", e.Type, e.Part, e.Reason, MessageName)
}

// Stream returns the gob codec for T that sends values without the description of their type. Each
// new encoder and decoder first processes one value of type T, so later values need no type
// description. Since gob numbers types differently in each process, the encoder removes the number
// of the type, and the decoder inserts its own.
//
// A value takes as much time and space as in the middle of a gob stream. But unlike the values of a
// gob stream, it can be sent to any worker, in any order, and more than once.
//
// Stream returns a TypeError if T contains an interface, since the types of the values in an
// interface are not known in advance.
func Stream[T any]() (strategies.Codec[T], error) {
	t := reflect.TypeFor[T]()
	if part := dynamic(t, map[reflect.Type]bool{}); part != nil {
		return strategies.Codec[T]{}, &TypeError{Type: t.String(), Part: part.String(), Reason: "the types of the values in an interface are not known in advance"}
	}
	p, err := newPrimer[T]()
	if err != nil {
		return strategies.Codec[T]{}, err
	}
	encoders := sync.Pool{New: func() any { return p.encoder() }}
	decoders := sync.Pool{New: func() any { return p.decoder() }}
	return strategies.Codec[T]{
		Append: func(dst []byte, v T) ([]byte, error) {
			e := encoders.Get().(*encoder)
			e.out.Reset()
			if err := e.gob.Encode(&v); err != nil {
				return dst, err // do not reuse e, which may have written half a value
			}
			value, err := p.cut(e.out.Bytes())
			if err != nil {
				return dst, err
			}
			dst = append(dst, value...)
			if e.out.Cap() <= keepBytes {
				encoders.Put(e)
			}
			return dst, nil
		},
		Decode: func(src []byte) (v T, err error) {
			d := decoders.Get().(*decoder)
			d.in.head = append(appendUint(d.space[:0], uint64(len(p.id)+len(src))), p.id...)
			d.in.body = src
			err = d.gob.Decode(&v)
			d.in.body = nil
			if err != nil {
				return *new(T), err // do not reuse d, which may have read half a value
			}
			if len(src) <= keepBytes {
				decoders.Put(d)
			}
			return v, nil
		},
	}, nil
}

// keepBytes is the size of the largest value after which an encoder or decoder is reused. Each
// keeps a buffer as large as its largest value.
const keepBytes = 4 << 20

// A primer holds the encoded data from which new encoders and decoders of T learn the description
// of type T.
type primer[T any] struct {
	types []byte // output of an encoder for its first value of type T
	id    []byte // number of the type, which precedes each value
}

type encoder struct {
	gob *gob.Encoder
	out bytes.Buffer
}

type decoder struct {
	gob   *gob.Decoder
	in    feed
	space [24]byte // memory for in.head
}

func newPrimer[T any]() (primer[T], error) {
	var out bytes.Buffer
	e := gob.NewEncoder(&out)
	err := e.Encode(new(T))
	types := out.Len()
	if err == nil {
		err = e.Encode(new(T))
	}
	if err != nil {
		return primer[T]{}, err // the text of the error already names gob
	}
	_, rest, hasLength := cutUint(out.Bytes()[types:])
	_, value, hasType := cutUint(rest)
	if !hasLength || !hasType {
		return primer[T]{}, errForm
	}
	return primer[T]{types: out.Bytes()[:types], id: rest[:len(rest)-len(value)]}, nil
}

func (p primer[T]) encoder() *encoder {
	e := new(encoder)
	e.gob = gob.NewEncoder(&e.out)
	e.gob.Encode(new(T)) // cannot fail, since newPrimer did the same
	return e
}

func (p primer[T]) decoder() *decoder {
	d := new(decoder)
	d.gob = gob.NewDecoder(&d.in)
	d.in.body = p.types
	d.gob.Decode(new(T))
	return d
}

// cut returns the encoded value in b, a message of a gob encoder. It removes the length and the
// type number, which come before the value.
func (p primer[T]) cut(b []byte) ([]byte, error) {
	n, rest, ok := cutUint(b)
	if !ok || n != uint64(len(rest)) || !bytes.HasPrefix(rest, p.id) {
		return nil, errForm
	}
	return rest[len(p.id):], nil
}

var errForm = fmt.Errorf("gob: unexpected message of the encoder; it must be a length, a type number and a value")

// dynamic returns the first interface type that the type t contains, or nil if there is none. The
// argument seen holds the types that were already searched.
func dynamic(t reflect.Type, seen map[reflect.Type]bool) reflect.Type {
	if seen[t] {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return t
	case reflect.Map:
		return cmp.Or(dynamic(t.Key(), seen), dynamic(t.Elem(), seen))
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return dynamic(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if f.IsExported() || f.Anonymous {
				if part := dynamic(f.Type, seen); part != nil {
					return part
				}
			}
		}
	}
	return nil
}
