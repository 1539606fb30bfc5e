package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// A progress is one line about a run, written between launches. On a terminal it is
// redrawn in place; elsewhere a new line is written now and then, so that a log stays
// short.
type progress struct {
	w     io.Writer
	width int // of the terminal; 0 where the line is not redrawn
	last  time.Time
	drawn bool
}

// sparse is how long a log goes without a line.
const sparse = 15 * time.Second

// newProgress asks w and the environment how to show progress: redrawing needs a
// terminal that understands it, and an environment that does not ask for plain output.
func newProgress(w io.Writer, env func(string) string) *progress {
	p := &progress{w: w}
	f, ok := w.(*os.File)
	if !ok || env("CI") != "" || env("NO_COLOR") != "" || env("TERM") == "dumb" || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	p.width = 80 // of terminals that do not say
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		p.width = width
	}
	return p
}

// show writes the line if it is due: always on a terminal, the first and then every 15 s
// elsewhere. What cannot be written is not worth ending a run for.
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

// done clears the line, so that what follows stands alone.
func (p *progress) done() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}
