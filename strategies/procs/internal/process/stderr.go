//go:build unix

package process

import (
	"bytes"
	"strings"
)

// A tail keeps the last lines that were written to it. It also keeps the line that says why a Go
// program crashed, because a long stack trace follows this line.
type tail struct {
	b     []byte
	crash string
}

const (
	tailLines = 10
	tailBytes = 4 << 10
)

func (t *tail) write(b []byte) {
	t.b = append(t.b, b...)
	over := len(t.b) - tailBytes
	if over <= 0 {
		return
	}
	if n := bytes.LastIndexByte(t.b[:over], '\n') + 1; n > 0 {
		over = n
	} else if over < tailBytes {
		return // the start of a line has the message, so cut a line only if it is very long
	}
	t.note(strings.Split(string(t.b[:over]), "\n"))
	t.b = append(t.b[:0], t.b[over:]...)
}

func (t *tail) note(lines []string) {
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, "panic: "), strings.HasPrefix(line, "fatal error: "), strings.HasPrefix(line, "runtime/cgo: "),
			strings.HasPrefix(line, "SIG") && t.crash == "": // a signal often follows the line with the actual cause
			t.crash = strings.ToValidUTF8(line, "?")
		}
	}
}

// String returns the last lines that were written to t. If an earlier line explains a crash, String
// puts this line before them.
func (t *tail) String() string {
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(string(t.b), "?")), "\n")
	from := max(0, len(lines)-tailLines)
	before := *t
	before.note(lines[:from])
	last := strings.Join(lines[from:], "\n")
	if before.crash != "" {
		return before.crash + "\n…\n" + last
	}
	return last
}
