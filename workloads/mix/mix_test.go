package mix

import (
	"bytes"
	"testing"
)

// TestValues checks that the functions return the same values on every machine and with every
// version of Go. Otherwise digests would differ.
func TestValues(t *testing.T) {
	b := make([]byte, 11)
	Fill(b, 1)
	want := []byte{0x72, 0xd7, 0xc2, 0xdd, 0x30, 0x80, 0xef, 0xbf, 0x47, 0xa7, 0x2c}
	if !bytes.Equal(b, want) {
		t.Errorf("Fill: got bytes %#v, want %#v", b, want)
	}
	for _, c := range []struct{ got, want uint64 }{
		{Bits(1), 0x5692161d100b05e5}, {Hash(1, b), 0x372a7e4b0b625720}, {Hash(0, nil), 0}, {Step(1), 0xd6e8feb86659fd93}, {Steps(1000), 600},
	} {
		if c.got != c.want {
			t.Errorf("a function of package mix returned %#x, want %#x", c.got, c.want)
		}
	}
}
