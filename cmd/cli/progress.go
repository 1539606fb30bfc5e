package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// A progress shows one line about a run between launches. On a terminal the line is redrawn in
// place; elsewhere a new line is printed at intervals, so that logs stay short.
type progress struct {
	w     io.Writer
	width int // width of the terminal; 0 if the line is not redrawn
	last  time.Time
	drawn bool
}

// sparse is the least time between lines in a log.
const sparse = 15 * time.Second

// newProgress returns a progress that writes to w. It redraws its line if w is a terminal that can
// do so and the environment does not ask for plain output.
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

// show shows the line: on a terminal always, elsewhere at most every 15 s. It ignores write errors,
// because these should not end a run.
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

// done removes the line from the terminal.
func (p *progress) done() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}
