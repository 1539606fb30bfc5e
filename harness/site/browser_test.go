package site

import (
	"context"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// TestBrowser opens each kind of page in headless Chromium. The pages cause no message on the console,
// and load nothing from elsewhere. A click on a box of the flame graph works.
func TestBrowser(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium in PATH: the pages were not opened in a browser; apt-get install chromium")
	}
	server := serve(t, results(t))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(browser), chromedp.NoSandbox)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	defer stop()
	ctx, end := chromedp.NewContext(ctx)
	defer end()
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
	}
	do() // opens the tab
	var mu sync.Mutex
	at := ""
	fault := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		t.Errorf("%s: %s", at, text)
	}
	err = chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			fault("exception: " + e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			fault("console: " + string(e.Type))
		case *log.EventEntryAdded:
			fault("log: " + e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if len(e.Request.URL) < len(server.URL) || e.Request.URL[:len(server.URL)] != server.URL {
				if e.Request.URL != "data:," {
					fault("request: " + e.Request.URL)
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	const quick = "/run/20261130-100000-quick/"
	for _, page := range []struct{ path, script string }{
		{"/", "document.querySelectorAll('tbody tr').length == 3"},
		{quick, "document.querySelector('.answer') != null"},
		{quick + "report", "document.querySelector('.picture .over') != null"},
		{quick + "pprof/why%201%25/heap.pb.gz/top", "document.querySelector('#rows tr') != null"},
		{quick + "pprof/why%201%25/heap.pb.gz/", `(() => {
			const box = document.querySelectorAll('#stack-chart .boxbg')[1] || document.querySelector('#stack-chart .boxbg');
			for (const kind of ['mousedown', 'mouseup', 'click']) box.dispatchEvent(new MouseEvent(kind, {bubbles: true}));
			return location.search.includes("p=");
		})()`},
	} {
		mu.Lock()
		at = page.path
		mu.Unlock()
		do(chromedp.Navigate(server.URL + page.path))
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](page.script))
		if err != nil || !ok {
			t.Errorf("%s: %s: %v, %v", page.path, page.script, ok, err)
		}
	}
}
