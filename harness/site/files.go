package site

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/payoff-bench/payoff/harness/format"
)

// errLarge is the error for a profile that is too large.
var errLarge = errors.New("the profile is larger than 64 MiB; go tool pprof -http : FILE opens it")

// readFile returns the contents of a regular file of at most most bytes.
func (s *site) readFile(name string, most int64) ([]byte, error) {
	f, st, err := s.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	switch {
	case st.IsDir():
		return nil, fs.ErrNotExist
	case st.Size() > most:
		return nil, errLarge
	}
	return io.ReadAll(io.LimitReader(f, most))
}

// types are the content types of files that a browser shows, by the end of their names. It saves all
// others.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json",
	".txt": "text/plain; charset=utf-8", ".md": "text/plain; charset=utf-8", ".toml": "text/plain; charset=utf-8",
}

// file writes a file of a folder, or the list of files in a subfolder.
func (s *site) file(w http.ResponseWriter, r *http.Request) {
	name, rest := r.PathValue("name"), strings.TrimSuffix(r.PathValue("path"), "/")
	if rest == "" {
		http.Redirect(w, r, address(name), http.StatusFound)
		return
	}
	if !fs.ValidPath(rest) {
		fail(w, fs.ErrNotExist)
		return
	}
	f, st, err := s.open(path.Join(name, rest))
	if err != nil {
		fail(w, err)
		return
	}
	defer f.Close()
	if st.IsDir() {
		v, err := s.files(name, rest)
		if err != nil {
			fail(w, err)
			return
		}
		show(w, view{Title: path.Join(name, rest), Files: &v})
		return
	}
	kind, shown := types[path.Ext(rest)]
	switch {
	case !shown:
		kind = "application/octet-stream"
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": path.Base(rest)}))
	case path.Ext(rest) == ".html":
		w.Header().Set("Content-Security-Policy", scripted)
	case path.Ext(rest) == ".svg":
		w.Header().Set("Content-Security-Policy", styled)
	}
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, "", st.ModTime(), f)
}

// mostFiles is the largest number of files in a list.
const mostFiles = 1000

// files returns the list of files in a subfolder of the folder with the given name.
func (s *site) files(name, sub string) (v filesView, err error) {
	entries, err := fs.ReadDir(s.root.FS(), path.Join(name, sub))
	if err != nil {
		return v, err
	}
	v.Up = address(name)
	for _, e := range entries[:min(len(entries), mostFiles)] {
		st, err := s.root.Stat(path.Join(name, sub, e.Name()))
		if err != nil { // a link that leads out of the root, for example
			continue
		}
		row := fileRow{Name: e.Name(), Address: address(name, "file", path.Join(sub, e.Name()))}
		switch {
		case st.IsDir():
			row.Name += "/"
		case st.Mode().IsRegular():
			row.Size = format.Bytes(int(st.Size()))
		default:
			continue
		}
		v.Files = append(v.Files, row)
	}
	if n := len(entries) - mostFiles; n > 0 {
		v.Files = append(v.Files, fileRow{Name: fmt.Sprintf("and %d more", n)})
	}
	return v, nil
}
