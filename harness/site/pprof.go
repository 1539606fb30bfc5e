package site

import (
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/payoff-bench/payoff/harness/profile"
)

// mostProfile is the largest size in bytes of a profile that the site opens.
const mostProfile = 64 << 20

// pprof serves pprof's web interface for a profile. The path is that of the profile in the folder,
// followed by the name of a page.
func (s *site) pprof(w http.ResponseWriter, r *http.Request) {
	name, rest := r.PathValue("name"), r.PathValue("path")
	at := strings.LastIndex(rest, profileSuffix)
	if at < 0 {
		fail(w, fs.ErrNotExist)
		return
	}
	file, page := rest[:at+len(profileSuffix)], rest[at+len(profileSuffix):]
	if page == "" {
		http.Redirect(w, r, address(name, "pprof", file)+"/", http.StatusFound)
		return
	}
	data, err := s.readFile(path.Join(name, file), mostProfile)
	if err != nil {
		fail(w, err)
		return
	}
	web, err := profile.NewWeb(path.Join(name, file), data)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.Header().Set("Content-Security-Policy", scripted)
	inner := r.Clone(r.Context())
	inner.URL.Path, inner.URL.RawPath = page, ""
	web.ServeHTTP(w, inner)
}
