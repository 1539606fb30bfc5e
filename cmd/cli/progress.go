package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// A progress shows one line about a run between launches. On a terminal it redraws the line in
// place. Elsewhere it prints a new line at most every 15 s, so that logs stay short.
type progress struct {
	w     io.Writer
	width int // columns of the terminal; 0 if w is not a terminal that can redraw a line
	last  time.Time
	drawn bool
}

// sparse is the minimum time between lines in a log.
const sparse = 15 * time.Second

// newProgress returns a progress that writes to w. It redraws its line if w is a terminal that can
// do this. The environment variables CI, NO_COLOR and TERM=dumb prevent redrawing.
func newProgress(w io.Writer, env func(string) string) *progress {
	p := &progress{w: w}
	f, ok := w.(*os.File)
	if !ok || env("CI") != "" || env("NO_COLOR") != "" || env("TERM") == "dumb" || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	p.width = 80 // for terminals without a known size
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		p.width = width
	}
	return p
}

// show shows the line. It drops the line if w is not a terminal and got a line less than 15 s ago.
// It ignores write errors, because these should not end a run.
func (p *progress) show(now time.Time, line string) {
	if p.width > 0 {
		if r := []rune(line); len(r) >= p.width {
			line = string(r[:p.width-1])
		}
		fmt.Fprintf(p.w, "\r\x1b[K%s", line)
		p.drawn = true
		return
	}
	if now.Sub(p.last) >= sparse {
		p.last = now
		fmt.Fprintln(p.w, line)
	}
}

// done removes the line from the terminal, so that other text can follow.
func (p *progress) done() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}
