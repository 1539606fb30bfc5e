package run

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"strings"
)

// A Guard notices when files that the launches of a run execute or read have changed. Samples from
// before and after such a change cannot be compared.
type Guard struct {
	digest string
	read   string    // digest of the contents of files
	files  []guarded // compared by their contents
	inputs []guarded // compared by their sizes and times
}

type guarded struct {
	name string
	was  os.FileInfo
}

// A ChangedError is the error for files of a [Guard] whose contents changed during the run.
type ChangedError struct{ Files []string }

func (e *ChangedError) Error() string {
	return fmt.Sprintf("%s changed during the run", strings.Join(e.Files, " and "))
}

// NewGuard returns a guard for the given files. The guard notices if their contents later differ
// from the present contents.
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
	g.read, err = digestOf(files)
	g.digest = g.read
	return g, err
}

// Watch adds files that the tasks of a program read. The guard does not read these files: it
// notices changes of their sizes and modification times, which the digest of the guard includes.
// Watch ignores names that are not those of regular files.
func (g *Guard) Watch(names []string) {
	sum := sha256.New()
	fmt.Fprintln(sum, g.digest)
	for _, name := range names {
		if st, err := os.Stat(name); err == nil && st.Mode().IsRegular() {
			g.inputs = append(g.inputs, guarded{name, st})
			fmt.Fprintf(sum, "%q %d %d\n", name, st.Size(), st.ModTime().UnixNano())
		}
	}
	g.digest = shortened(sum)
}

// Digest returns a digest of the contents that the guard's files had when the guard was created. It
// returns "" for a nil guard.
func (g *Guard) Digest() string {
	if g == nil {
		return ""
	}
	return g.digest
}

// Check returns a [ChangedError] if the contents of a file have changed since the guard was
// created. To save time, it reads the files only if one of them has a new size or modification
// time, or was replaced by another file. It also reads them after other changes of their inodes,
// because a program can set the modification time. For a file that Watch added, a new size or
// modification time is enough for the error. For a nil guard, Check returns nil.
func (g *Guard) Check() error {
	if g == nil {
		return nil
	}
	var names, differ []string
	for _, f := range g.inputs {
		if st, err := os.Stat(f.name); err != nil || !os.SameFile(st, f.was) || st.Size() != f.was.Size() || !st.ModTime().Equal(f.was.ModTime()) {
			return &ChangedError{[]string{f.name}}
		}
	}
	seen := make([]guarded, len(g.files))
	for i, f := range g.files {
		names = append(names, f.name)
		st, err := os.Stat(f.name)
		seen[i] = guarded{f.name, st}
		if err != nil || !os.SameFile(st, f.was) || st.Size() != f.was.Size() || !st.ModTime().Equal(f.was.ModTime()) || changeTime(st) != changeTime(f.was) {
			differ = append(differ, f.name)
		}
	}
	if len(differ) == 0 {
		return nil
	}
	if digest, err := digestOf(names); err == nil && digest == g.read {
		g.files = seen // a file was touched, or replaced by a copy
		return nil
	}
	return &ChangedError{differ}
}

// digestOf returns a single digest for the contents of all files. For a file that this process may
// not read, it uses the name of the file in place of the contents.
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
	return shortened(sum), nil
}

func shortened(sum hash.Hash) string { return fmt.Sprintf("%x", sum.Sum(nil)[:8]) }
