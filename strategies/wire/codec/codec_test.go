package codec_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/cbor"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/gob"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
)

// A shape is a type with example values, for tests of every codec.
type shape interface {
	name() string
	takes(codec string) bool
	trip(t *testing.T, codec string)
	bench(b *testing.B, codec string)
	seed(f *testing.F, codec string)
	decode(codec string, src []byte) (again []byte, ok bool, err error)
}

type of[T any] struct {
	text   string
	values []T
	large  func(seed uint64, size int) T // for benchmarks
}

var shapes = []shape{
	of[uint64]{"number", []uint64{0, 1, math.MaxUint64}, nil},
	of[pair]{"pair", []pair{{}, newPair()}, nil},
	of[string]{"text", []string{"", "näme", "any \xff bytes"}, nil},
	of[[]byte]{"bytes", [][]byte{nil, codec.NewBytes(1, 16), codec.NewBytes(1, 20_000)}, codec.NewBytes},
	of[[]float64]{"numbers", [][]float64{nil, newNumbers(1, 4096)}, newNumbers},
	of[codec.Record]{"record", []codec.Record{{}, codec.NewRecord(1, 64), codec.NewRecord(1, 20_000)}, codec.NewRecord},
	of[codec.Tree]{"tree", []codec.Tree{{}, codec.NewTree(1, 100), codec.NewTree(1, 20_000)}, codec.NewTree},
}

func (s of[T]) name() string { return s.text }

func (s of[T]) takes(name string) bool {
	_, err := codec.For[T](name)
	return err == nil
}

func (s of[T]) trip(t *testing.T, name string) {
	c, err := codec.For[T](name)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range s.values {
		if text, ok := any(v).(string); ok && name == "json" && strings.Contains(text, "\xff") {
			continue
		}
		first, err := c.Append([]byte("before"), v)
		if err != nil {
			t.Fatal(err)
		}
		second, err := c.Append(nil, v)
		if err != nil || len(second)+len("before") != len(first) || string(first[:6]) != "before" {
			t.Errorf("value %d: appended %d bytes, then %d: %v", i, len(first)-6, len(second), err)
		}
		got, err := c.Decode(second)
		if err != nil {
			t.Fatalf("value %d: %v", i, err)
		}
		clear(second) // the decoded value must not refer to it
		if diff := cmp.Diff(v, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("value %d: %s", i, diff)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, name := range codec.Names() {
		for _, s := range shapes {
			if s.takes(name) {
				t.Run(name+"/"+s.name(), func(t *testing.T) { s.trip(t, name) })
			}
		}
	}
}

func TestTakes(t *testing.T) {
	tests := map[string]string{"raw": "number pair text bytes numbers", "": "number pair text bytes numbers record tree"}
	for _, name := range codec.Names() {
		if codec.Doc(name) == "" {
			t.Errorf("%s has no doc", name)
		}
		want, ok := tests[name]
		if !ok {
			want = tests[""]
		}
		var got []string
		for _, s := range shapes {
			if s.takes(name) {
				got = append(got, s.name())
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s takes %v, not %s", name, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	var (
		length *raw.LengthError
		kind   *raw.TypeError
		gobs   *gob.TypeError
		name   *codec.NameError
	)
	decode := func(c strategies.Codec[pair], err error, n int) error {
		if err == nil {
			_, err = c.Decode(make([]byte, n))
		}
		return err
	}
	fixed, err := raw.Fixed[pair]()
	if err := decode(fixed, err, 15); !errors.As(err, &length) || length.Len != 15 || length.Size != 16 {
		t.Errorf("too few bytes: got error %v, want a LengthError with 15 and 16", err)
	}
	if err := decode(fixed, err, 17); !errors.As(err, &length) {
		t.Errorf("too many bytes: got error %v, want a LengthError", err)
	}
	if _, err := raw.Slice[int64]().Decode(make([]byte, 9)); !errors.As(err, &length) {
		t.Errorf("slice of 9 bytes: got error %v, want a LengthError", err)
	}
	if _, err := raw.Fixed[struct{ A, B any }](); !errors.As(err, &kind) || kind.Part != "interface {}" {
		t.Errorf("raw codec of an interface: got error %v, want a TypeError", err)
	}
	if _, err := raw.Fixed[[3]bool](); !errors.As(err, &kind) || kind.Part != "bool" {
		t.Errorf("raw codec of bool: got error %v, want a TypeError", err)
	}
	if _, err := gob.Stream[struct{ A map[string][]error }](); !errors.As(err, &gobs) {
		t.Errorf("gob stream of an interface: got error %v, want a TypeError", err)
	}
	if _, err := codec.For[int]("morse"); !errors.As(err, &name) || !strings.Contains(err.Error(), "cbor") {
		t.Errorf("unknown codec: got error %v, want a NameError that lists the codecs", err)
	}
	if _, err := cbor.Of[pair]().Decode([]byte{0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}); err == nil {
		t.Error("cbor: got no error for a count of 2^64 - 1 elements without elements")
	}
}

// TestStreamAfterOtherTypes checks the codec gobstream in a program that has used gob for other
// types before. Gob numbers types in the order in which a program uses them. The encoded values
// must not depend on these numbers.
func TestStreamAfterOtherTypes(t *testing.T) {
	type early struct{ X int }
	if _, err := gob.Stream[early](); err != nil {
		t.Fatal(err)
	}
	type late struct {
		Text string
		Next *late
	}
	a, err := gob.Stream[late]()
	if err != nil {
		t.Fatal(err)
	}
	b, err := a.Append(nil, late{"x", &late{"y", nil}})
	if err != nil {
		t.Fatal(err)
	}
	// Fields are numbered by place: 1 is Text, 2 is Next.
	if want := "\x01\x01x\x01\x01\x01y\x00\x00"; string(b) != want {
		t.Errorf("got encoding %q, want %q", b, want)
	}
}

func TestShapeSizes(t *testing.T) {
	for _, size := range []int{codec.SmallestShape, 4096, 1 << 20} {
		if n := len(codec.NewBytes(1, size)); n != size {
			t.Errorf("NewBytes: got %d bytes, want %d", n, size)
		}
		if n := 8 * len(newNumbers(1, size)); n != size {
			t.Errorf("newNumbers: got numbers of %d bytes, want %d", n, size)
		}
		for name, n := range map[string]int{"record": trip(t, codec.NewRecord(1, size)), "tree": trip(t, codec.NewTree(1, size))} {
			if size >= 4096 && (n < size/2 || n > 2*size) {
				t.Errorf("%s of size %d: got %d encoded bytes, want half to twice the size", name, size, n)
			}
		}
	}
}

func trip[T any](t *testing.T, v T) int {
	b, err := cbor.Of[T]().Append(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return len(b)
}

// TestRawSlices checks that slices of all number types can be decoded from bytes at any offset. A
// decoded slice must not refer to these bytes, except if the codec is [raw.View].
func TestRawSlices(t *testing.T) {
	slice(t, []uint8{1, 2, 3})
	slice(t, []int16{1, -2, 3})
	slice(t, []float32{1, 2.5, -3})
	slice(t, []uint64{1, 1 << 63, 3})
	slice(t, []complex128{1, 2i})
	slice(t, make([]int64, 1<<15+1))
	src := []byte("bytes")
	if v, err := raw.View().Decode(src); err != nil || &v[0] != &src[0] {
		t.Errorf("decode a view: got %q and error %v, want the memory of the source", v, err)
	}
	if b, err := raw.View().Append([]byte("a "), []byte("view")); err != nil || string(b) != "a view" {
		t.Errorf("append a view: got %q and error %v", b, err)
	}
}

// TestLend checks that Lend returns the encoding of a value without a copy, and that Adopt returns
// the value without a copy.
func TestLend(t *testing.T) {
	lend(t, raw.Slice[byte](), codec.NewBytes(1, 100))
	lend(t, raw.Slice[float64](), newNumbers(1, 100))
	lend(t, raw.Text(), "a text")
	lend(t, raw.View(), []byte("bytes"))
	for n := range 9 { // wrong lengths, and places where numbers cannot be
		b := make([]byte, 16)
		if v, err := raw.Slice[int64]().Adopt(b[n:][:8]); err != nil || len(v) != 1 {
			t.Errorf("Adopt from byte %d on: got %v and error %v, want one number", n, v, err)
		}
		var e *raw.LengthError
		if _, err := raw.Slice[int64]().Adopt(b[:n]); n%8 != 0 && !errors.As(err, &e) {
			t.Errorf("Adopt of %d bytes: got error %v, want a LengthError", n, err)
		}
	}
}

func lend[T any](t *testing.T, c strategies.Codec[T], v T) {
	t.Helper()
	want, err := c.Append([]byte("before"), v)
	if err != nil {
		t.Fatal(err)
	}
	head, rest := c.Lend([]byte("before"), v)
	if again, more := c.Lend(nil, v); len(rest) == 0 || len(again)+len("before") != len(head) || &rest[0] != &more[0] {
		t.Errorf("%T: got a copy from Lend, want the memory of the value", v)
	}
	got := append(head, rest...)
	if !bytes.Equal(got, want) {
		t.Errorf("%T: got %q from Lend, want %q, as from Append", v, got, want)
	}
	aligned := make([]byte, len("before")+2+len(got))[8:]
	adopted, err := c.Adopt(aligned[:copy(aligned, got[len("before"):])])
	if diff := cmp.Diff(v, adopted); err != nil || diff != "" {
		t.Errorf("%T: got error %v and another value from Adopt:\n%s", v, err, diff)
	}
}

func slice[T raw.Number](t *testing.T, v []T) {
	t.Helper()
	c := raw.Slice[T]()
	for at := range 9 {
		b, err := c.Append(make([]byte, at), v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Decode(b[at:])
		clear(b)
		if err != nil || !slices.Equal(got, v) || uintptr(unsafe.Pointer(&got[0]))%unsafe.Alignof(v[0]) != 0 {
			t.Errorf("%T from byte %d on: got %v and error %v", v, at, got, err)
		}
	}
}

// TestUnfit checks that the error names the codec if the codec cannot encode a value.
func TestUnfit(t *testing.T) {
	type hidden struct{ a int }
	unfit(t, "json", make(chan int), "unsupported type: chan int")
	unfit(t, "json", math.NaN(), "unsupported value: NaN")
	unfit(t, "cbor", make(chan int), "cbor: unsupported type")
	unfit(t, "cbor", func() {}, "cbor: unsupported type")
	unfit(t, "gob", make(chan int), "gob")
	unfit(t, "gob", hidden{1}, "gob: type codec_test.hidden has no exported fields")
	unfit(t, "gobstream", hidden{1}, "gob: type codec_test.hidden has no exported fields")
	unfit(t, "gobstream", map[string]*int{"a": nil}, "gob")
}

func unfit[T any](t *testing.T, name string, v T, want string) {
	t.Helper()
	c, err := codec.For[T](name)
	b := []byte("before")
	if err == nil {
		b, err = c.Append(b, v)
	}
	if err == nil || !strings.Contains(err.Error(), want) || string(b) != "before" || strings.Contains(err.Error(), name+": "+name+": ") {
		t.Errorf("%s of %T: %q, %v", name, v, b, err)
	}
}
