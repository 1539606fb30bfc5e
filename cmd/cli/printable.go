package cli

import (
	"io"
	"unicode"
	"unicode/utf8"
)

// A printable is a writer that replaces control characters and invalid bytes by U+FFFD. So names
// and notes from the files of a run cannot control the terminal or change the order of text.
type printable struct {
	io.Writer
	rest []byte // an incomplete character from the end of the last write
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
