//go:build unix

package process

import (
	"fmt"
	"strings"
	"testing"
)

// TestTail checks that a tail keeps the line that says why a program crashed, however the text is
// divided into reads.
func TestTail(t *testing.T) {
	text := "before\nfatal error: out of memory\n"
	for i := range 400 {
		text += fmt.Sprintf("goroutine %d is somewhere\n", i)
	}
	for size := 1; size < 5000; size += 7 {
		var l tail
		for b := []byte(text); len(b) > 0; {
			n := min(size, len(b))
			l.write(b[:n])
			b = b[n:]
		}
		if s := l.String(); !strings.HasPrefix(s, "fatal error: out of memory\n…\n") || !strings.HasSuffix(s, "goroutine 399 is somewhere") {
			t.Fatalf("read %d bytes at a time: %q", size, s)
		}
	}
	var l tail
	for range 100 {
		l.write(make([]byte, tailBytes-1))
	}
	if len(l.b) > 2*tailBytes {
		t.Errorf("got %d bytes kept of a line without end", len(l.b))
	}
}
