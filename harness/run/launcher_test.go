package run

import (
	"strings"
	"testing"
)

// TestGist checks that a gist keeps the beginning and the end of a text.
func TestGist(t *testing.T) {
	for _, c := range []struct {
		writes []string
		want   string
	}{
		{nil, ""},
		{[]string{" a\n", "b \n"}, "a\nb"},
		{[]string{strings.Repeat("a", headSize), strings.Repeat("b", tailSize)}, strings.Repeat("a", headSize) + strings.Repeat("b", tailSize)},
		{[]string{strings.Repeat("a", headSize-1), "ab", strings.Repeat("c", tailSize), "d"}, strings.Repeat("a", headSize) + " … (2 bytes) … " + strings.Repeat("c", tailSize-1) + "d"},
		{[]string{strings.Repeat("x", 10*headSize)}, strings.Repeat("x", headSize) + " … (6144 bytes) … " + strings.Repeat("x", tailSize)},
	} {
		var g gist
		for _, w := range c.writes {
			if n, err := g.Write([]byte(w)); n != len(w) || err != nil {
				t.Errorf("wrote %d of %d bytes: %v", n, len(w), err)
			}
		}
		if got := g.String(); got != c.want {
			t.Errorf("%.20q: %.40q of %d bytes, want %d", c.writes, got, len(got), len(c.want))
		}
	}
}
