package cli

import (
	"io"
	"unicode"
	"unicode/utf8"
)

// A printable is a writer that replaces control characters. So names and notes in the files of a
// run cannot control the terminal or reorder a line.
type printable struct {
	io.Writer
	rest []byte // the beginning of a character at the end of the last write
}

func (p *printable) Write(text []byte) (int, error) {
	in := append(p.rest, text...)
	out := make([]byte, 0, len(in))
	for len(in) > 0 && utf8.FullRune(in) {
		r, size := utf8.DecodeRune(in)
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			r = utf8.RuneError
		}
		out = utf8.AppendRune(out, r)
		in = in[size:]
	}
	p.rest = append([]byte(nil), in...)
	if _, err := p.Writer.Write(out); err != nil {
		return 0, err
	}
	return len(text), nil
}
