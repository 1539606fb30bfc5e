package profile

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

// twoCells returns a merged profile of two cells.
func twoCells(t *testing.T) []byte {
	t.Helper()
	dir := launchDir(t)
	cell := harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000}, Strategy: "procs", Cores: 2, Workers: 2, Chunk: "1", Order: harness.MapOrder}
	other := cell
	other.Chunk = "auto"
	var b bytes.Buffer
	if _, err := Merge(&b, []Launch{launchOf(cell, dir), launchOf(other, dir)}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWeb(t *testing.T) {
	web, err := NewWeb("cpu.pb.gz", twoCells(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		page   string
		status int
		has    string
	}{
		{"/", http.StatusMovedPermanently, ""},
		{"/flamegraph", http.StatusOK, "burnOwn"},
		{"/top", http.StatusOK, "burnOwn"},
		{"/peek?f=burnWorker", http.StatusOK, "burnOwn"},
		{"/flamegraph?f=(", http.StatusBadRequest, "missing closing"},
		{"/flamegraph?si=none", http.StatusBadRequest, "none"},
		{"/download", http.StatusOK, "\x1f\x8b"},
		{"/source?f=burnOwn", http.StatusForbidden, "go tool pprof -http"},
		{"/disasm?f=burnOwn", http.StatusForbidden, "go tool pprof -http"},
		{"/saveconfig?config=mine", http.StatusForbidden, "saveconfig"},
		{"/deleteconfig?config=mine", http.StatusForbidden, "deleteconfig"},
		{"/top/", http.StatusForbidden, ""},
	} {
		got := httptest.NewRecorder()
		web.ServeHTTP(got, httptest.NewRequest(http.MethodGet, test.page, nil))
		if got.Code != test.status || !strings.Contains(got.Body.String(), test.has) {
			t.Errorf("%s: status %d, want %d and %q in:\n%.300s", test.page, got.Code, test.status, test.has, got.Body)
		}
	}
	got := httptest.NewRecorder()
	web.ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/", nil))
	if to := got.Header().Get("Location"); to != "flamegraph" {
		t.Errorf("/ redirects to %q, not to a page below the same path", to)
	}
}

// TestWebsAtOnce checks, with the race detector, that webs do not share state.
func TestWebsAtOnce(t *testing.T) {
	data := twoCells(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			web, err := NewWeb("cpu.pb.gz", data)
			if err != nil {
				t.Error(err)
				return
			}
			got := httptest.NewRecorder()
			web.ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/top", nil))
			var page bytes.Buffer
			if err := FlameGraph(&page, "cpu.pb.gz", data); err != nil || got.Code != http.StatusOK {
				t.Error(got.Code, err)
			}
		})
	}
	all.Wait()
}

func TestFlameGraph(t *testing.T) {
	var b bytes.Buffer
	data := twoCells(t)
	if err := FlameGraph(&b, "cpu.pb.gz", data); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"burnWorker", `"FullName":"w0"`, `"FullName":"launch"`, "/chunk=auto/", "Content-Security-Policy"} {
		if !strings.Contains(page, want) {
			t.Errorf("the flame graph lacks %s", want)
		}
	}
	for _, bad := range []string{"src=", "<link", "@import"} {
		if strings.Contains(page, bad) {
			t.Errorf("the flame graph loads another file: %s", bad)
		}
	}
	for _, bad := range [][]byte{nil, []byte("no profile"), data[:len(data)/2]} {
		var wrong *FileError
		if err := FlameGraph(&b, "cpu.pb.gz", bad); !errors.As(err, &wrong) {
			t.Errorf("a torn profile gives the error %v", err)
		}
	}
}
