package site

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/record"
)

var info = harness.Info{
	Machine: harness.Machine{Host: "host", CPU: "EPYC <9>", GOOS: "linux", GOARCH: "amd64", Cores: 2},
	Suites:  []string{"quick"}, Rounds: 6, Budget: time.Minute, Pinned: true,
}

// newRun creates the folder of a run that began at the given time.
func newRun(t *testing.T, dir string, began time.Time) *record.Run {
	t.Helper()
	i := info
	i.Started = began
	r, err := record.Create(dir, i)
	if err != nil {
		t.Fatal(err)
	}
	for n, s := range analyzetest.Quick.Samples() {
		s.At = began.Add(time.Duration(n) * time.Millisecond)
		if err := r.Sample(s); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// results returns a folder with a run of each state, profiles, and links that lead out of the folder.
func results(t *testing.T) string {
	t.Helper()
	secret := t.TempDir()
	put(t, filepath.Join(secret, "secret.txt"), []byte("secret"))
	dir := t.TempDir()
	began := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	ended := newRun(t, filepath.Join(dir, "20261130-100000-quick"), began)
	if err := ended.Finish(began.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := newRun(t, filepath.Join(dir, "killed"), began.Add(time.Hour)).Abandon(); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "torn", record.InfoFile), []byte("{"))
	var profile bytes.Buffer
	if err := pprof.Lookup("heap").WriteTo(&profile, 0); err != nil {
		t.Fatal(err)
	}
	in := filepath.Join(dir, "20261130-100000-quick")
	put(t, filepath.Join(in, "why 1%", "heap.pb.gz"), profile.Bytes())
	put(t, filepath.Join(in, "why 1%", "cpu-flame.html"), []byte("<script>alert(1)</script>"))
	put(t, filepath.Join(in, "torn.pb.gz"), profile.Bytes()[:100])
	put(t, filepath.Join(in, "chart.svg"), []byte("<svg/>"))
	put(t, filepath.Join(in, "why 1%", "timeline-pool.svg"), []byte("<svg/>"))
	put(t, filepath.Join(in, "tool"), []byte("bytes"))
	for name, to := range map[string]string{"latest": "20261130-100000-quick", "out": secret, "20261130-100000-quick/out.txt": filepath.Join(secret, "secret.txt"), "20261130-100000-quick/up": "../.."} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func put(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
}

// serve starts a server for the results in dir.
func serve(t *testing.T, dir string) *httptest.Server {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = New(root, Options{
		Dir: "results", Hosts: []string{server.Listener.Addr().String()},
		Command: func(words ...string) string { return format.Command(append([]string{"payoff"}, words...)...) },
		Analyze: func(i harness.Info, samples []harness.Sample) *analyze.Analysis {
			return analyze.New(i, samples, analyze.Settings{})
		},
	})
	server.Start()
	t.Cleanup(server.Close)
	server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return server
}

// get returns the response to a request, and its body.
func get(t *testing.T, server *httptest.Server, method, path string, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	got, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got, string(body)
}

func TestSite(t *testing.T) {
	dir := results(t)
	const quick = "/run/20261130-100000-quick"
	server := serve(t, dir)
	for _, test := range []struct {
		path   string
		status int
		has    string
	}{
		{"/", 200, `<a href="` + quick + `/"`},
		{"/", 200, "host, EPYC &lt;9&gt;, 2 cores"},
		{"/", 200, "broken off"},
		{"/", 200, "torn/run.json"},
		{quick + "/", 200, "use "},
		{quick + "/", 200, `<a href="` + quick + `/file/why%201%25/cpu-flame.html">Flame graph: CPU profile in why 1%</a>`},
		{quick + "/", 200, `<a href="` + quick + `/pprof/why%201%25/heap.pb.gz/">`},
		{quick + "/", 200, `<a href="` + quick + `/file/chart.svg">chart</a>`},
		{quick + "/report", 200, "What to use for which task"},
		{quick + "/report", 200, `<a href="` + quick + `/file/why%201%25/cpu-flame.html">`},
		{quick + "/", 200, `<a href="` + quick + `/file/why%201%25/timeline-pool.svg">timeline of pool in why 1%</a>`},
		{quick + "/report", 200, `<a href="` + quick + `/file/why%201%25/timeline-pool.svg">`},
		{quick + "/file/samples.txt", 200, "BenchmarkJob"},
		{quick + "/file/why%201%25/", 200, "heap.pb.gz"},
		{quick + "/pprof/why%201%25/heap.pb.gz", 302, ""},
		{quick + "/pprof/why%201%25/heap.pb.gz/", 301, ""},
		{quick + "/pprof/why%201%25/heap.pb.gz/flamegraph", 200, "stackViewer"},
		{quick + "/pprof/why%201%25/heap.pb.gz/top?si=alloc_space", 200, "alloc_space"},
		{quick + "/pprof/why%201%25/heap.pb.gz/source?f=main", 403, "does not serve"},
		{quick + "/pprof/torn.pb.gz/top", 422, "torn or not a profile"},
		{quick + "/pprof/none.pb.gz/top", 404, ""},
		{"/run/latest/", 200, "Report with charts"},
		{"/run/killed/", 200, "payoff run --resume results/killed"},
		{"/run/torn/", 200, "unexpected end of JSON"},
		{"/run/torn/report", 422, "unexpected end of JSON"},
		{"/run/none/", 404, ""},
		{"/run/./", 307, ""},
		{"/nothing", 404, ""},

		{"/run/out/", 404, ""},
		{"/run/out/file/secret.txt", 404, ""},
		{quick + "/file/out.txt", 404, ""},
		{quick + "/file/up/", 404, ""},
		{quick + "/file/../../etc/passwd", 400, ""},
		{quick + "/file/%2e%2e/killed/run.json", 400, ""},
		{quick + "/file/..%2f..%2f..%2fetc%2fpasswd", 400, ""},
		{quick + "/file/..%5c..%5cetc", 400, ""},
		{quick + "/file/a%00", 400, ""},
		{"/run/..%2fx/", 400, ""},
		{"//etc/passwd", 307, ""},
		{quick + "/file//etc/passwd", 307, ""},
	} {
		got, body := get(t, server, http.MethodGet, test.path, nil)
		if got.StatusCode != test.status || !strings.Contains(body, test.has) {
			t.Errorf("%s: status %d, want %d and %q in\n%.2000s", test.path, got.StatusCode, test.status, test.has, body)
		}
		if strings.Contains(body, "secret") && !strings.Contains(test.path, "secret") {
			t.Errorf("%s leads out of the folder", test.path)
		}
		policy := got.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, nothing) || got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", test.path, got.Header)
		}
		if strings.Contains(policy, "script-src") != strings.Contains(policy, "sandbox allow-scripts") {
			t.Errorf("%s: scripts run without a sandbox: %s", test.path, policy)
		}
	}
	if got, _ := get(t, server, http.MethodGet, quick+"/file/tool", nil); got.Header.Get("Content-Disposition") != "attachment; filename=tool" {
		t.Errorf("a file of an unknown type: %v", got.Header)
	}
	if _, body := get(t, server, http.MethodGet, "/", nil); strings.Index(body, "broken off") > strings.Index(body, "<td>ended") || strings.Contains(body, "out.txt") {
		t.Errorf("the newest run is not the first, or a link is listed:\n%s", body)
	}
	if _, body := get(t, server, http.MethodHead, "/", nil); body != "" {
		t.Error("the response to HEAD has a body")
	}
}

func TestGuard(t *testing.T) {
	server := serve(t, t.TempDir())
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "TRACE", "BREW"} {
		if got, _ := get(t, server, method, "/", nil); got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: status %d, headers %v", method, got.StatusCode, got.Header)
		}
	}
	host := strings.TrimPrefix(server.URL, "http://")
	for _, name := range []string{"example.com", "example.com" + host[strings.LastIndex(host, ":"):], "127.0.0.1", "127.0.0.1:1", host + ".example.com", "localhost.:80"} {
		got, body := get(t, server, http.MethodGet, "/", func(r *http.Request) { r.Host = name })
		if got.StatusCode != http.StatusMisdirectedRequest || !strings.Contains(body, host) {
			t.Errorf("host %s: status %d, %s", name, got.StatusCode, body)
		}
	}
	if got, body := get(t, server, http.MethodGet, "/", nil); got.StatusCode != 200 || !strings.Contains(body, "payoff run quick") {
		t.Errorf("an empty folder: status %d, %s", got.StatusCode, body)
	}
}

// TestLive follows a run under way: its page has the progress, no analysis runs, and both change when
// the run ends.
func TestLive(t *testing.T) {
	dir := t.TempDir()
	began := time.Now()
	if err := newRun(t, filepath.Join(dir, "old"), began.Add(-time.Hour)).Finish(began.Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	r := newRun(t, filepath.Join(dir, "run"), began)
	server := serve(t, dir)
	page := func(path, has string) string {
		t.Helper()
		_, body := get(t, server, http.MethodGet, path, nil)
		if !strings.Contains(body, has) {
			t.Errorf("%s lacks %q:\n%s", path, has, body)
		}
		return body
	}
	if body := page("/", "The answers of some other runs are missing"); !strings.Contains(body, `http-equiv="refresh"`) || strings.Contains(body, "settled") {
		t.Errorf("the list during a run:\n%s", body)
	}
	n := len(analyzetest.Quick.Samples())
	page("/run/run/", format.Count(n, "launch")+", round ")
	page("/run/run/report", "<h1>payoff quick")
	again := analyzetest.Quick.Samples()[n-1]
	again.Round, again.At = again.Round+1, time.Now()
	if err := r.Sample(again); err != nil {
		t.Fatal(err)
	}
	page("/run/run/", format.Count(n+1, "launch")+", round ")
	if err := r.Finish(time.Now()); err != nil {
		t.Fatal(err)
	}
	if body := page("/run/run/", "Report with charts"); strings.Contains(body, `http-equiv="refresh"`) {
		t.Error("the page of an ended run reloads itself")
	}
	if body := page("/", "use "); strings.Contains(body, "are missing") {
		t.Errorf("the list after the run:\n%s", body)
	}
}
