package codec_test

import (
	"testing"

	"github.com/payoff-bench/payoff/strategies/wire/codec"
)

// fuzz tests the named codec with random bytes. For each type, decoding must return an error, or a
// value that can be encoded.
func fuzz(f *testing.F, name string) {
	for _, s := range shapes {
		s.seed(f, name)
	}
	f.Add([]byte{})
	f.Add([]byte{0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00})
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, s := range shapes {
			again, ok, err := s.decode(name, src)
			if err != nil {
				t.Errorf("%s: got error %v from encoding a decoded value", s.name(), err)
			}
			if ok && name == "raw" && string(again) != string(src) {
				t.Errorf("%s: got %q from encoding the value of %q", s.name(), again, src)
			}
		}
	})
}

func FuzzRaw(f *testing.F)       { fuzz(f, "raw") }
func FuzzCBOR(f *testing.F)      { fuzz(f, "cbor") }
func FuzzGob(f *testing.F)       { fuzz(f, "gob") }
func FuzzGobStream(f *testing.F) { fuzz(f, "gobstream") }
func FuzzJSON(f *testing.F)      { fuzz(f, "json") }

func (s of[T]) seed(f *testing.F, name string) {
	if c, err := codec.For[T](name); err == nil {
		b, _ := c.Append(nil, s.values[1])
		if len(b) < 1<<10 {
			f.Add(b)
		}
	}
}

// decode decodes src by the codec with the given name, encodes the value again and returns the
// bytes. The result ok is true if src could be decoded.
func (s of[T]) decode(name string, src []byte) (again []byte, ok bool, err error) {
	c, err := codec.For[T](name)
	if err != nil {
		return nil, false, nil
	}
	v, err := c.Decode(src)
	if err != nil {
		return nil, false, nil
	}
	again, err = c.Append(nil, v)
	return again, true, err
}
