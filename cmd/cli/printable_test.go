package cli

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestPrintable checks that a printable replaces control characters and invalid bytes, even if a
// write ends in the middle of a character.
func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"spin, 10 µs ≠ 測\n":              "spin, 10 µs ≠ 測\n",
		"\x1b[2J\x1b]0;owned\a gone\r\n": "\ufffd[2J\ufffd]0;owned\ufffd gone\ufffd\n",
		"a\u202eb\u009b31mc":             "a\ufffdb\ufffd31mc",
		"bad \xff byte":                  "bad \ufffd byte",
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(text), "by bytes": iotest.OneByteReader(strings.NewReader(text))} {
			var out bytes.Buffer
			if n, err := io.Copy(&printable{Writer: &out}, struct{ io.Reader }{r}); err != nil || n != int64(len(text)) || out.String() != want {
				t.Errorf("%s: %q, %d, %v, want %q", name, out.String(), n, err, want)
			}
		}
	}
}
