package run

import (
	"fmt"
	"strings"
)

// A gist keeps the beginning and the end of the text that is written to it: a crash begins
// with its reason, and a long error ends with its cause.
type gist struct {
	head, tail []byte
	cut        int // bytes between them
}

const (
	headSize = 1 << 10
	tailSize = 3 << 10
)

func (g *gist) Write(p []byte) (int, error) {
	n := min(len(p), headSize-len(g.head))
	g.head = append(g.head, p[:n]...)
	g.tail = append(g.tail, p[n:]...)
	over := max(0, len(g.tail)-tailSize)
	g.tail = g.tail[over:]
	g.cut += over
	return len(p), nil
}

func (g *gist) String() string {
	gap := ""
	if g.cut > 0 {
		gap = fmt.Sprintf(" … (%d bytes) … ", g.cut)
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(g.head)+gap+string(g.tail), "?"))
}
