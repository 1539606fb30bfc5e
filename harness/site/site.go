// Package site serves a folder of results to a browser on the same machine: the runs, their reports
// and files, the progress of a run under way, and pprof's web interface for each profile.
//
//  1. [New] returns the handler for a folder. It changes no file.
//  2. A guard refuses requests with another Host, other methods than GET and HEAD, and paths that
//     lead out of the folder.
//
// The pages load nothing from other servers. Only the pages of reports, and of pprof, have scripts,
// which run without access to the other pages.
package site

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// Options are the settings of a site.
type Options struct {
	// Dir is the path of the folder, for texts and commands.
	Dir string
	// Hosts are the values that the header Host may have, such as localhost:80. Web pages of other
	// servers, whose names resolve to this machine, send other values.
	Hosts []string
	// Command returns a command line of payoff, quoted for a shell.
	Command func(words ...string) string
	// Analyze returns the analysis of a run.
	Analyze func(harness.Info, []harness.Sample) *analyze.Analysis
}

// A site serves the folder root.
type site struct {
	Options
	root *os.Root

	analyzing sync.Mutex // held during an analysis, so that analyses use one core at a time
	mu        sync.Mutex
	known     map[string]known // results of analyses, keyed by the name of the run
}

// New returns a handler for the results in the folder root, whose subfolders are runs, comparisons
// and profiles. The root must stay open.
func New(root *os.Root, o Options) http.Handler {
	s := &site{Options: o, root: root, known: map[string]known{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.list)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /run/{name}/{$}", s.run)
	mux.HandleFunc("GET /run/{name}/report", s.report)
	mux.HandleFunc("GET /run/{name}/file/{path...}", s.file)
	mux.HandleFunc("GET /run/{name}/pprof/{path...}", s.pprof)
	return s.guard(mux)
}

// Policies for the content of pages. They forbid all requests to other servers.
const (
	nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	// Files may be those of another user. A sandbox has an origin of its own, so that scripts in it
	// cannot read the other pages.
	scripted = nothing + "; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; sandbox allow-scripts allow-downloads"
	styled   = nothing + "; style-src 'unsafe-inline'; img-src data:; sandbox"
)

// guard returns a handler that refuses requests that are not for this site, and sets the headers that
// all responses have.
func (s *site) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for key, value := range map[string]string{
			"Content-Security-Policy":      nothing,
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "no-referrer",
			"Cache-Control":                "no-store",
		} {
			w.Header().Set(key, value)
		}
		escaped := strings.ToLower(r.URL.EscapedPath())
		switch {
		case !slices.Contains(s.Hosts, strings.ToLower(r.Host)):
			http.Error(w, fmt.Sprintf("This server answers only requests for %s, not for the host %q.", s.Hosts[0], r.Host), http.StatusMisdirectedRequest)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "This server only reads: it answers GET and HEAD.", http.StatusMethodNotAllowed)
		case strings.Contains(escaped, "%2f"), strings.Contains(escaped, "%5c"), strings.Contains(escaped, "%00"),
			strings.ContainsAny(r.URL.Path, "\\\x00"), slices.Contains(strings.Split(r.URL.Path, "/"), ".."):
			http.Error(w, "The path must not contain .., a backslash or an encoded separator.", http.StatusBadRequest)
		default:
			next.ServeHTTP(w, r)
		}
	})
}
