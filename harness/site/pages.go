package site

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness/report"
)

var (
	//go:embed page/site.html
	siteHTML string
	//go:embed page/site.css
	siteCSS string

	siteTemplate = template.Must(template.New("site").Parse(siteHTML))
)

// own is the policy for the pages of the site itself, which have no script.
var own = func() string {
	sum := sha256.Sum256([]byte(siteCSS))
	return nothing + "; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}()

// reload is the time after which a browser reloads a page about a run under way, in seconds. It is
// long, because a page takes time of the cores that the run measures.
const reload = 10

// A view is what all pages have.
type view struct {
	Style  template.CSS
	Title  string
	Reload int // in seconds; 0 if the page does not change
	List   *listView
	Run    *runView
	Files  *filesView
}

type listView struct {
	Dir, Command string
	Rows         []listRow
	Profiles     []listRow
	Busy         bool // some runs are not analysed, because a run is under way
	Older, Newer string
}

type listRow struct {
	folder
	Address string
	Known   bool
	report.Summary
	Problem string
}

type runView struct {
	listRow
	Progress *progressView
	Command  string
	Webs     []report.Link // pprof's web interface for profiles
	Charts   []report.Link
	Files    filesView
}

type progressView struct {
	Text   string
	Newest []newestRow
}

type newestRow struct{ When, Cell, Time string }

type filesView struct {
	Up    string
	Files []fileRow
}

type fileRow struct {
	Name, Address, Size string
}

// show writes a page of the site.
func show(w http.ResponseWriter, v view) {
	v.Style = template.CSS(siteCSS)
	var b bytes.Buffer
	if err := siteTemplate.Execute(&b, v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", own)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

// address returns the path of a page of a folder.
func address(name string, rest ...string) string {
	return (&url.URL{Path: "/run/" + name + "/" + strings.Join(rest, "/")}).EscapedPath()
}

// atOnce is the number of folders on a page of the list.
const atOnce = 50

// list writes the page with all runs.
func (s *site) list(w http.ResponseWriter, r *http.Request) {
	all, err := s.folders()
	if err != nil {
		fail(w, err)
		return
	}
	v := &listView{Dir: s.Dir, Command: s.Command("run", "quick")}
	live := slices.ContainsFunc(all, func(f folder) bool { return f.Live })
	skip, _ := strconv.Atoi(r.URL.Query().Get("skip"))
	skip = min(max(skip, 0), len(all))
	if skip > 0 {
		v.Newer = fmt.Sprint("/?skip=", max(0, skip-atOnce))
	}
	if all = all[skip:]; len(all) > atOnce {
		v.Older = fmt.Sprint("/?skip=", skip+atOnce)
		all = all[:atOnce]
	}
	for _, f := range all {
		row := listRow{folder: f, Address: address(f.Name)}
		switch _, known := s.remembered(f); {
		case f.stamp == "":
			v.Profiles = append(v.Profiles, row)
			continue
		case f.Err != nil:
			row.Problem = f.Err.Error()
		case f.Sides || f.Live:
		case known || !live:
			row.fill(s.summary(f))
		default:
			v.Busy = true
		}
		v.Rows = append(v.Rows, row)
	}
	page := view{Title: "payoff results", List: v}
	if live {
		page.Reload = reload
	}
	show(w, page)
}

// fill copies the result of an analysis to the row.
func (row *listRow) fill(k known) {
	row.Known, row.Summary = k.err == nil, k.Summary
	if k.err != nil {
		row.Problem = k.err.Error()
	}
}

// run writes the page of one run.
func (s *site) run(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	f, err := s.folder(name)
	if err != nil {
		fail(w, err)
		return
	}
	v := &runView{listRow: listRow{folder: f, Address: address(name)}}
	page := view{Title: f.Name, Run: v}
	at := path.Join(s.Dir, name)
	switch {
	case f.stamp == "":
	case f.Err != nil:
		v.Problem = f.Err.Error()
	case f.Sides:
		v.Command = s.Command("ab", "--resume", at, "--budget", "0")
	case f.Live:
		page.Reload = reload
		p, err := s.progress(f)
		if v.Progress = &p; err != nil {
			v.Problem = err.Error()
		}
	default:
		v.fill(s.summary(f))
		if f.Info.Finished.IsZero() {
			v.Command = s.Command("run", "--resume", at)
		}
	}
	for _, p := range f.Profiles {
		v.Webs = append(v.Webs, report.Link{Text: p, Address: address(name, "pprof", p) + "/"})
	}
	if v.Files, err = s.files(name, "."); err != nil {
		fail(w, err)
		return
	}
	for _, file := range v.Files.Files {
		if chart, ok := strings.CutSuffix(file.Name, ".svg"); ok && !strings.HasPrefix(chart, report.TimelinePrefix) {
			v.Charts = append(v.Charts, report.Link{Text: chart, Address: file.Address})
		}
	}
	show(w, page)
}

// report writes the report of a run, from its samples so far.
func (s *site) report(w http.ResponseWriter, r *http.Request) {
	f, err := s.folder(r.PathValue("name"))
	if err == nil && (f.stamp == "" || f.Sides) {
		err = fs.ErrNotExist
	}
	if err != nil {
		fail(w, err)
		return
	}
	s.analyzing.Lock()
	defer s.analyzing.Unlock()
	a, err := s.analysis(f)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	var b bytes.Buffer
	if err := report.Page(&b, path.Join(s.Dir, f.Name), a, slices.Concat(f.Flames, f.Timelines)); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", scripted)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

// fail writes the error of a request for a file or folder.
func fail(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, errForeign):
		http.Error(w, err.Error(), http.StatusNotFound)
	case errors.Is(err, errLarge):
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
	default: // the reason may be a path outside of the folder, or a missing file; a client does not learn which
		http.Error(w, "There is no such page or file in the folder of results.", http.StatusNotFound)
	}
}
