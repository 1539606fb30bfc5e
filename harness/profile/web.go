package profile

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/pprof/driver"
	"github.com/google/pprof/profile"
)

// pages are those pages of pprof's web interface that a [Web] serves. The others would read source
// files and programs that a profile names, or change the user's settings of pprof.
var pages = []string{"flamegraph", "flamegraph2", "flamegraphold", "top", "graph", "peek", "download"}

// A Web is pprof's web interface for one profile. It serves the pages /flamegraph, /top, /graph,
// /peek and /download, and redirects / to /flamegraph. Other requests get an error. A Web starts no
// server, and reads no file that the profile names. The page /graph runs the program dot. A Web is
// safe for concurrent use.
type Web struct {
	profile *profile.Profile
	roots   []string // labels whose values are the roots of call stacks
}

// NewWeb returns the web interface for the profile in data, whose format is that of a .pb.gz file.
// The argument name is the name of the file, for errors.
func NewWeb(name string, data []byte) (*Web, error) {
	p, err := profile.ParseData(data)
	if err != nil {
		return nil, &FileError{name, fmt.Errorf("the file is torn or not a profile: %w", err)}
	}
	for _, m := range p.Mapping { // pprof must not look for the programs
		m.File, m.BuildID = path.Base(m.File), ""
	}
	return &Web{p, roots(p)}, nil
}

// roots returns the labels of [Merge] that tell the parts of the profile p apart: those of
// workload, strategy, cell and process that differ.
func roots(p *profile.Profile) (labels []string) {
	values := func(labels ...string) int {
		met := map[string]bool{}
		for _, s := range p.Sample {
			name := ""
			for _, label := range labels {
				name += strings.Join(s.Label[label], ",") + "\n"
			}
			met[name] = true
		}
		return len(met)
	}
	for _, label := range []string{Workload, Strategy} {
		if values(label) > 1 {
			labels = append(labels, label)
		}
	}
	if values(Cell) > values(Workload, Strategy) {
		labels = append(labels, Cell)
	}
	if values(Process) > 1 {
		labels = append(labels, Process)
	}
	return labels
}

// ServeHTTP writes a page of pprof. The path of the request is the name of the page after a slash.
func (web *Web) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	page, err := web.page(strings.TrimPrefix(r.URL.Path, "/"), r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	for key, values := range page.header {
		w.Header()[key] = values
	}
	w.WriteHeader(page.status)
	w.Write(page.trimmed(unserved))
}

// unserved hides the links to pages that a [Web] does not serve.
const unserved = `<style>#list,#disasm,#config,#action-source,#action-source-tab,#action-menu hr{display:none!important}</style>`

// standalone hides the links that lead out of the file, and forbids loading other files.
const standalone = `<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<style>.header .menu-item,#action-menu{display:none!important}.header .title a{pointer-events:none}</style>`

// FlameGraph writes pprof's flame graph of a profile that [Merge] wrote, as an HTML page that needs no
// other file. The argument name is the name of the profile, for errors.
func FlameGraph(w io.Writer, name string, data []byte) error {
	web, err := NewWeb(name, data)
	if err != nil {
		return err
	}
	page, err := web.page("flamegraph", nil)
	if err == nil && page.status != http.StatusOK {
		err = errors.New(strings.TrimSpace(page.body.String()))
	}
	if err != nil {
		return fmt.Errorf("flame graph of %s: %w", name, err)
	}
	_, err = w.Write(page.trimmed(standalone))
	return err
}

// driving is held while package driver runs, because driver keeps its configuration in variables.
var driving sync.Mutex

// page returns the page of pprof with the given name.
func (web *Web) page(name string, query url.Values) (*response, error) {
	if name != "" && !slices.Contains(pages, name) {
		return nil, fmt.Errorf("payoff does not serve the page %s of pprof, because it needs files outside of the profile; go tool pprof -http : FILE serves it", name)
	}
	driving.Lock()
	defer driving.Unlock()
	out := &response{header: http.Header{}, status: http.StatusOK}
	u := &url.URL{Path: "/" + name, RawQuery: query.Encode()}
	err := driver.PProf(&driver.Options{
		Flagset: &flags{FlagSet: flag.NewFlagSet("pprof", flag.ContinueOnError), roots: web.roots},
		Fetch:   fetcher{web.profile.Copy()},
		Sym:     symbolizer{},
		Obj:     objects{},
		UI:      silent{},
		HTTPServer: func(args *driver.HTTPServerArgs) error {
			args.Handlers[u.Path].ServeHTTP(out, &http.Request{Method: http.MethodGet, URL: u})
			return nil
		},
	})
	if err != nil {
		return nil, fmt.Errorf("pprof: %w", err)
	}
	return out, nil
}

// A response holds what a handler wrote.
type response struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *response) Header() http.Header         { return r.header }
func (r *response) WriteHeader(status int)      { r.status = status }
func (r *response) Write(b []byte) (int, error) { return r.body.Write(b) }

// trimmed returns the body with text added to the head of the page.
func (r *response) trimmed(text string) []byte {
	if !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		return r.body.Bytes()
	}
	return bytes.Replace(r.body.Bytes(), []byte("</head>"), []byte(text+"\n</head>"), 1)
}

// flags are the command line of pprof.
type flags struct {
	*flag.FlagSet
	roots []string
}

func (f *flags) StringList(name, def, usage string) *[]*string {
	return &[]*string{f.FlagSet.String(name, def, usage)}
}
func (f *flags) ExtraUsage() string   { return "" }
func (f *flags) AddExtraUsage(string) {}
func (f *flags) Parse(func()) []string {
	f.FlagSet.Parse([]string{"-http=localhost:0", "-no_browser", "-symbolize=none", "-tagroot=" + strings.Join(f.roots, ","), "profile"})
	return f.FlagSet.Args()
}

// A fetcher returns its profile for every name.
type fetcher struct{ profile *profile.Profile }

func (f fetcher) Fetch(string, time.Duration, time.Duration) (*profile.Profile, string, error) {
	return f.profile, "", nil
}

// A symbolizer adds nothing, because profiles of Go programs have the names of functions.
type symbolizer struct{}

func (symbolizer) Symbolize(string, driver.MappingSources, *profile.Profile) error { return nil }

// objects opens no program.
type objects struct{}

var errClosed = errors.New("payoff opens no program that a profile names")

func (objects) Open(string, uint64, uint64, uint64, string) (driver.ObjFile, error) {
	return nil, errClosed
}
func (objects) Disasm(string, uint64, uint64, bool) ([]driver.Inst, error) { return nil, errClosed }

// A silent prints nothing: the pages have the errors too.
type silent struct{}

func (silent) ReadLine(string) (string, error)     { return "", io.EOF }
func (silent) Print(...any)                        {}
func (silent) PrintErr(...any)                     {}
func (silent) IsTerminal() bool                    { return false }
func (silent) WantBrowser() bool                   { return false }
func (silent) SetAutoComplete(func(string) string) {}
