package gob

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"reflect"
	"sync"

	"github.com/payoff-bench/payoff/strategies"
)

// A TypeError is a type that a stream cannot carry.
type TypeError struct{ Type, Part, Reason string }

func (e *TypeError) Error() string {
	return fmt.Sprintf("gob stream: %s holds %s: %s; the codec %q takes it", e.Type, e.Part, e.Reason, MessageName)
}

// Stream returns the codec of T in which only values travel. Every encoder and decoder is
// shown a T when it is made, so that the description of its type is behind it; the number
// that gob gave the type, which is another one in each process, is cut off and put back
// on the other side. So a value costs what it costs in the middle of a stream, and yet
// any value can be sent again, in any order, to any worker.
//
// A TypeError is a T with an interface in it: what those hold, and so the types that
// travel, is not known beforehand.
func Stream[T any]() (strategies.Codec[T], error) {
	t := reflect.TypeFor[T]()
	if part := dynamic(t, map[reflect.Type]bool{}); part != nil {
		return strategies.Codec[T]{}, &TypeError{Type: t.String(), Part: part.String(), Reason: "an interface's types are not known beforehand"}
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
				return dst, err // e is not used again: it may have sent half a value
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
				return *new(T), err // d is not used again
			}
			if len(src) <= keepBytes {
				decoders.Put(d)
			}
			return v, nil
		},
	}, nil
}

// keepBytes is how large a value may be whose encoder or decoder is kept: they keep a
// buffer of its size.
const keepBytes = 4 << 20

// A primer is what an encoder and a decoder of T are shown first.
type primer[T any] struct {
	types []byte // what an encoder sends for its first T
	id    []byte // the number of the type, as it stands before each value
}

type encoder struct {
	gob *gob.Encoder
	out bytes.Buffer
}

type decoder struct {
	gob   *gob.Decoder
	in    feed
	space [24]byte // for the head
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
		return primer[T]{}, err // it says that it is of gob
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
	e.gob.Encode(new(T)) // newPrimer has seen that this works
	return e
}

func (p primer[T]) decoder() *decoder {
	d := new(decoder)
	d.gob = gob.NewDecoder(&d.in)
	d.in.body = p.types
	d.gob.Decode(new(T))
	return d
}

// cut returns the value in what an encoder sent, without length and type.
func (p primer[T]) cut(b []byte) ([]byte, error) {
	n, rest, ok := cutUint(b)
	if !ok || n != uint64(len(rest)) || !bytes.HasPrefix(rest, p.id) {
		return nil, errForm
	}
	return rest[len(p.id):], nil
}

var errForm = fmt.Errorf("gob: a stream is not of the form length, type, value")

// dynamic returns the first part of t that is an interface, nil if there is none.
func dynamic(t reflect.Type, seen map[reflect.Type]bool) reflect.Type {
	if seen[t] {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return t
	case reflect.Map:
		if part := dynamic(t.Key(), seen); part != nil {
			return part
		}
		return dynamic(t.Elem(), seen)
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
