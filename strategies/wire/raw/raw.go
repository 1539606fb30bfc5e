// Package raw provides the cheapest codec: the bytes of a value as they are in memory. It does not
// look at the values. For values without slices it allocates no memory.
//
// Numbers have the byte order of the machine, and structs have the layout of the compiler.
// Therefore both programs must be built for the same architecture.
package raw

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/payoff-bench/payoff/strategies"
)

// Name is the codec's name.
const Name = "raw"

// Number is the constraint for the number types that package raw can encode. It excludes bool,
// because not every byte is a valid bool.
type Number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int | ~uint |
		~float32 | ~float64 | ~complex64 | ~complex128
}

// A LengthError reports encoded data that has too few or too many bytes for its type.
type LengthError struct {
	Type string
	Size int // size of one value, or of one element of a slice
	Len  int // number of bytes received
}

func (e *LengthError) Error() string {
	return fmt.Sprintf("raw: cannot decode %d bytes as %s, which takes %d each", e.Len, e.Type, e.Size)
}

// A TypeError reports a type that package raw cannot encode.
type TypeError struct {
	Type string
	Part string // part of Type that cannot be encoded
}

func (e *TypeError) Error() string {
	return fmt.Sprintf("raw: %s contains %s: raw encodes numbers, and arrays and structs of numbers; use another codec", e.Type, e.Part)
}

// Fixed returns the raw codec for type T, whose values have a fixed size. T must be a number, or an
// array or struct of numbers; otherwise Fixed returns a TypeError.
func Fixed[T any]() (strategies.Codec[T], error) {
	t := reflect.TypeFor[T]()
	if part := unfit(t); part != nil {
		return strategies.Codec[T]{}, &TypeError{Type: t.String(), Part: part.String()}
	}
	return fixed[T](), nil
}

// One returns the raw codec for the number type T.
func One[T Number]() strategies.Codec[T] { return fixed[T]() }

func fixed[T any]() strategies.Codec[T] {
	return strategies.Codec[T]{
		Append: func(dst []byte, v T) ([]byte, error) {
			return append(dst, unsafe.Slice((*byte)(unsafe.Pointer(&v)), unsafe.Sizeof(v))...), nil
		},
		Decode: func(src []byte) (v T, err error) {
			if len(src) != int(unsafe.Sizeof(v)) {
				return v, lengthError[T](src, int(unsafe.Sizeof(v)))
			}
			copy(unsafe.Slice((*byte)(unsafe.Pointer(&v)), unsafe.Sizeof(v)), src)
			return v, nil
		},
	}
}

// Slice returns the raw codec for a slice of numbers, such as []byte. Decoding allocates the slice.
// An empty slice is decoded as nil.
func Slice[T Number]() strategies.Codec[[]T] {
	size := int(unsafe.Sizeof(*new(T)))
	decode := func(src []byte) ([]T, error) {
		if len(src)%size != 0 {
			return nil, lengthError[[]T](src, size)
		}
		if len(src) == 0 {
			return nil, nil
		}
		// Appending to nil avoids zeroing the new memory, which is aligned for T since its size is
		// a multiple of T's.
		return elements[T](append([]byte(nil), src...)), nil
	}
	return strategies.Codec[[]T]{
		Append: func(dst []byte, v []T) ([]byte, error) { return append(dst, bytesOf(v)...), nil },
		Decode: decode,
		Lend:   func(dst []byte, v []T) (head, rest []byte) { return dst, bytesOf(v) },
		Adopt: func(src []byte) ([]T, error) {
			if len(src) == 0 || len(src)%size != 0 || uintptr(unsafe.Pointer(&src[0]))%unsafe.Alignof(*new(T)) != 0 {
				return decode(src)
			}
			return elements[T](src), nil
		},
	}
}

// bytesOf returns the memory of v as bytes, without a copy.
func bytesOf[T Number](v []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(*new(T))))
}

// elements returns the memory of b as a slice of T, without a copy. The slice b must be aligned for
// T.
func elements[T Number](b []byte) []T {
	n := len(b) / int(unsafe.Sizeof(*new(T)))
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)[:n:n]
}

// View returns a codec for byte slices that decodes without a copy. In a worker process, a decoded
// input is in the receive buffer, which is reused once the output has been sent. So a kernel with a
// View input must not keep any part of it; the output may contain parts of it. For outputs use
// [Slice], because the job keeps them.
func View() strategies.Codec[[]byte] {
	c := Slice[byte]()
	c.Decode = func(src []byte) ([]byte, error) { return src, nil }
	c.Adopt = c.Decode
	return c
}

// Text returns the raw codec for strings. Decoding allocates the string.
func Text() strategies.Codec[string] {
	return strategies.Codec[string]{
		Append: func(dst []byte, v string) ([]byte, error) { return append(dst, v...), nil },
		Decode: func(src []byte) (string, error) { return string(src), nil },
		Lend: func(dst []byte, v string) (head, rest []byte) {
			return dst, unsafe.Slice(unsafe.StringData(v), len(v))
		},
		Adopt: func(src []byte) (string, error) { return unsafe.String(unsafe.SliceData(src), len(src)), nil },
	}
}

func lengthError[T any](src []byte, size int) error {
	return &LengthError{Type: reflect.TypeFor[T]().String(), Size: size, Len: len(src)}
}

// unfit returns the type of the first part of t that raw cannot encode, such as a pointer. Raw
// encodes a value as its bytes in memory. If t has no such part, unfit returns nil.
func unfit(t reflect.Type) reflect.Type {
	switch k := t.Kind(); {
	case k == reflect.Array:
		return unfit(t.Elem())
	case k == reflect.Struct:
		for f := range t.Fields() {
			if part := unfit(f.Type); part != nil {
				return part
			}
		}
		return nil
	case k >= reflect.Int && k <= reflect.Complex128 && k != reflect.Uintptr:
		return nil
	}
	return t
}
