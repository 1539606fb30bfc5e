package run

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// A Guard notices changes of files that the launches of a run execute and read. Samples from before
// and after such a change cannot be compared.
type Guard struct {
	digest string
	files  []guarded
}

type guarded struct {
	name string
	was  os.FileInfo
}

// A ChangedError is the error for files of a [Guard] that changed during the run.
type ChangedError struct{ Files []string }

func (e *ChangedError) Error() string {
	return fmt.Sprintf("%s changed during the run", strings.Join(e.Files, " and "))
}

// NewGuard returns a guard that notices when files differ from their present content.
func NewGuard(files ...string) (*Guard, error) {
	g := &Guard{}
	for _, name := range files {
		st, err := os.Stat(name) // before the digest, so that a change during it is noticed
		if err != nil {
			return nil, err
		}
		g.files = append(g.files, guarded{name, st})
	}
	var err error
	g.digest, err = digestOf(files)
	return g, err
}

// Digest returns a digest of the content that all files of the guard had when it was created. It
// returns "" for a nil guard.
func (g *Guard) Digest() string {
	if g == nil {
		return ""
	}
	return g.digest
}

// Check returns a [ChangedError] if the content of a file has changed since the guard was created.
// It reads the files only if one of them has a new size or modification time, or is another file.
// For a nil guard, Check returns nil.
func (g *Guard) Check() error {
	if g == nil {
		return nil
	}
	var names, differ []string
	seen := make([]guarded, len(g.files))
	for i, f := range g.files {
		names = append(names, f.name)
		st, err := os.Stat(f.name)
		seen[i] = guarded{f.name, st}
		if err != nil || !os.SameFile(st, f.was) || st.Size() != f.was.Size() || !st.ModTime().Equal(f.was.ModTime()) {
			differ = append(differ, f.name)
		}
	}
	if len(differ) == 0 {
		return nil
	}
	if digest, err := digestOf(names); err == nil && digest == g.digest {
		g.files = seen // a file was touched, or replaced by a copy
		return nil
	}
	return &ChangedError{differ}
}

// digestOf returns one digest for the contents of all files. For a file without read permission, it
// uses the name in place of the content.
func digestOf(files []string) (string, error) {
	sum := sha256.New()
	for _, name := range files {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrPermission) { // executable but not readable
			fmt.Fprintln(sum, name)
			continue
		}
		if err != nil {
			return "", err
		}
		n, err := io.Copy(sum, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return "", err
		}
		fmt.Fprintln(sum, n)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8]), nil
}
