package report_test

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/report"
)

// A tab is a page that is open in a browser, together with its faults: exceptions, console output,
// dialogs and requests for other files.
type tab struct {
	*testing.T
	ctx    context.Context
	mu     sync.Mutex
	faults []string
}

// open opens a file in headless Chromium. It skips the test if Chromium is not installed.
func open(t *testing.T, file string) *tab {
	t.Helper()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium in PATH: the page was not opened in a browser; apt-get install chromium")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(browser), chromedp.NoSandbox)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(ctx)
	t.Cleanup(end)
	w := &tab{T: t, ctx: ctx}
	w.do() // opens the tab
	address := "file://" + file
	fault := func(form string, args ...any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.faults = append(w.faults, fmt.Sprintf(form, args...))
	}
	err = chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			fault("exception: %s", e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			fault("console: %s", e.Type)
		case *log.EventEntryAdded:
			fault("log: %s", e.Entry.Text)
		case *page.EventJavascriptDialogOpening:
			fault("dialog: %s", e.Message)
		case *network.EventRequestWillBeSent:
			if e.Request.URL != address {
				fault("request: %s", e.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	w.do(chromedp.Navigate(address))
	return w
}

func (w *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	w.Helper()
	if err := chromedp.Do(w.ctx, steps...); err != nil {
		w.Fatal(err)
	}
}

// eval returns the value of a script in a tab.
func eval[T any](w *tab, script string) T {
	w.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		w.Fatalf("%s: %v", script, err)
	}
	return v
}

// wellBehaved reports each fault of the page as an error of the test.
func (w *tab) wellBehaved() {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, fault := range w.faults {
		w.Error(fault)
	}
}

// media sets a media feature of the page, such as prefers-color-scheme, to the given value.
func (w *tab) media(name, value string) {
	w.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: name, Value: value}}})
		return err
	}))
}

// TestPage opens report.html in a browser, sorts a table by the keyboard, reads values of charts by
// the pointer and by the keyboard, and prints the page. It also checks the width on a phone, and
// the contrast of text in the light and the dark scheme.
func TestPage(t *testing.T) {
	dir, _, _ := write(t, everything())
	w := open(t, filepath.Join(dir, report.PageFile))

	// The headings are in order, and each table has a caption.
	levels := eval[[]string](w, `[...document.querySelectorAll("h1, h2, h3, h4")].map(h => h.tagName)`)
	for i, h := range levels {
		if i == 0 && h != "H1" || i > 0 && h == "H1" || i > 0 && h == "H3" && levels[i-1] == "H1" {
			t.Errorf("heading %d is %s: %v", i, h, levels)
		}
	}
	if n := eval[int](w, `[...document.querySelectorAll("table")].filter(t => !t.closest(".reading") && !t.caption?.textContent.trim()).length`); n > 0 {
		t.Errorf("%d tables have no caption", n)
	}

	column := `[...document.querySelector("main table").tBodies[0].rows].map(r => r.cells[2].textContent)`
	before := eval[[]string](w, column)
	if len(before) < 3 || !strings.Contains(before[0], "faster") {
		t.Fatalf("the first table has the gains %q", before)
	}
	eval[chromedp.Void](w, `document.querySelectorAll("main table th button")[2].focus()`)
	w.do(chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(kb.Enter))
	after := eval[[]string](w, column)
	if sort := eval[string](w, `document.querySelectorAll("main table th")[2].getAttribute("aria-sort")`); sort != "descending" || slices.Equal(before, after) || len(after) != len(before) {
		t.Errorf("sorted %s from %q to %q", sort, before, after)
	}

	for _, kind := range []string{"decision", "crossover"} {
		figure := fmt.Sprintf(`document.querySelector('figure[data-chart^="%s"]')`, kind)
		at := eval[[]float64](w, `(() => { const a = `+figure+`.querySelector(".over"); a.scrollIntoView({block: "center", behavior: "instant"}); const b = a.getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2]; })()`)
		w.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0]+1, at[1]))
		reading := eval[string](w, figure+`.querySelector(".reading").textContent`)
		if !strings.Contains(reading, "n = 6") {
			t.Errorf("%s under the pointer: %q", kind, reading)
		}
		eval[chromedp.Void](w, figure+`.querySelector(".over").focus()`)
		w.do(chromedp.KeyEvent(kb.ArrowRight))
		if reading := eval[string](w, figure+`.querySelector(".reading").textContent`); !strings.Contains(reading, "n = 6") {
			t.Errorf("%s by the arrow keys: %q", kind, reading)
		}
	}

	eval[chromedp.Void](w, `document.querySelectorAll("details").forEach(d => d.open = true)`)
	for _, scheme := range []string{"light", "dark"} {
		w.media("prefers-color-scheme", scheme)
		for what, ratio := range eval[map[string]float64](w, contrasts) {
			if ratio < 4.5 {
				t.Errorf("%s: the contrast of %s is %.2f", scheme, what, ratio)
			}
		}
		if dark := eval[bool](w, `getComputedStyle(document.documentElement).backgroundColor !== "rgb(255, 255, 255)"`); dark != (scheme == "dark") {
			t.Errorf("%s: dark %v", scheme, dark)
		}
	}
	pdf, err := chromedp.Run(w.ctx, chromedp.PrintToPDF())
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
		t.Errorf("printed %d bytes, %v", len(pdf), err)
	}
	w.do(chromedp.EmulateViewport(360, 800))
	if wide := eval[int](w, `document.documentElement.scrollWidth`); wide > 360 {
		t.Errorf("at 360 pixels the page is %d wide: %q", wide, eval[[]string](w, `[...document.querySelectorAll("main *")].filter(e => !e.closest(".scroll") && e.getBoundingClientRect().right > 360).map(e => e.tagName + " " + e.className + " " + e.textContent.slice(0, 40))`))
	}
	w.wellBehaved()
}

// contrasts is a script that returns the contrast of text with its background, by element.
const contrasts = `(() => {
	const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
	const light = (color) => { const [r, g, b] = color.match(/[\d.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
	const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\)$|transparent/.test(c)) return c; } return "rgb(255, 255, 255)"; };
	const out = {};
	for (const what of ["h1", ".run", ".health strong", ".answer", "caption", "th button", "td", "td.again", ".reading", "summary", "li", "dt", "code"]) {
		const e = document.querySelector("main " + what);
		if (!e) continue;
		const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
		out[what] = (a + 0.05) / (b + 0.05);
	}
	return out;
})()`

// TestPageOfHostileNames opens the page of a run whose names contain markup.
func TestPageOfHostileNames(t *testing.T) {
	dir := t.TempDir()
	info, samples := hostile()
	if _, err := report.Write(dir, dir, analyze.New(info, samples, analyze.Settings{})); err != nil {
		t.Fatal(err)
	}
	w := open(t, filepath.Join(dir, report.PageFile))
	if n := eval[int](w, `document.querySelectorAll("img, iframe, object, embed, form, a[href]:not([href='#glossary']), script:not(:nth-last-of-type(-n+2)), [onerror], [onload]").length`); n > 0 {
		t.Errorf("%d elements come from names", n)
	}
	if !strings.Contains(eval[string](w, `document.body.innerText`), "<script>alert(1)</script>") {
		t.Error("the name is not shown")
	}
	w.wellBehaved()
}
