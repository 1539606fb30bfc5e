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
	files  []guarded
}

// A guarded is a file of a guard. The field sum is the digest of its contents, or "" if the guard did not
// read them.
type guarded struct {
	name string
	was  os.FileInfo
	sum  string
}

// A ChangedError is the error for files of a [Guard] whose contents changed during the run.
type ChangedError struct{ Files []string }

func (e *ChangedError) Error() string {
	return fmt.Sprintf("%s changed during the run", strings.Join(e.Files, " and "))
}

// NewGuard returns a guard for the given files. The guard notices if their contents later differ
// from the present contents. Of a file that this process may not read, it notices changes of the size
// and of the times.
func NewGuard(files ...string) (*Guard, error) {
	g, all := &Guard{}, sha256.New()
	for _, name := range files {
		st, err := os.Stat(name) // before the digest, so that a change during it is noticed
		if err != nil {
			return nil, err
		}
		sum, err := contents(name)
		if err != nil {
			return nil, err
		}
		g.add(all, guarded{name, st, sum})
	}
	g.digest = shortened(all)
	return g, nil
}

// readMost is the total size of the files of [Guard.Watch] whose contents a guard reads. Reading takes
// about a second, twice per run.
const readMost = 512 << 20

// Watch adds files that the tasks of a program read, and includes them in the digest of the guard. It
// reads the first files, up to 512 MiB in all. Of further files, and of files that it may not read, the
// guard notices changes of their sizes and times only. Watch ignores names that are not those of
// regular files.
func (g *Guard) Watch(names []string) { g.watch(names, readMost) }

func (g *Guard) watch(names []string, most int64) {
	all := sha256.New()
	fmt.Fprintln(all, g.digest)
	for _, name := range names {
		st, err := os.Stat(name)
		if err != nil || !st.Mode().IsRegular() {
			continue
		}
		f := guarded{name: name, was: st}
		if st.Size() <= most {
			f.sum, _ = contents(name) // "" for a file that cannot be read
		}
		if f.sum != "" {
			most -= st.Size()
		}
		fmt.Fprintln(all, name)
		g.add(all, f)
	}
	g.digest = shortened(all)
}

// add adds the file f, and writes what the guard knows about its contents to the digest all.
func (g *Guard) add(all io.Writer, f guarded) {
	g.files = append(g.files, f)
	if f.sum == "" {
		fmt.Fprintln(all, f.name, f.was.Size(), f.was.ModTime().UnixNano())
	} else {
		fmt.Fprintln(all, f.sum)
	}
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
// created. To save time, it reads a file only if the file has a new size or time, or was replaced by
// another file. The times include that of the last change of the inode, because a program can set the
// modification time. For a file whose contents the guard did not read, such a sign of a change is
// enough for the error. For a nil guard, Check returns nil.
func (g *Guard) Check() error { return g.check(false) }

// CheckAll is like Check, but reads all files. It notices changes that a file's times do not show, as on
// file systems without times of inodes.
func (g *Guard) CheckAll() error { return g.check(true) }

func (g *Guard) check(all bool) error {
	if g == nil {
		return nil
	}
	var differ []string
	for i, f := range g.files {
		st, err := os.Stat(f.name)
		touched := err != nil || !os.SameFile(st, f.was) || st.Size() != f.was.Size() || !st.ModTime().Equal(f.was.ModTime()) || !changeTime(st).Equal(changeTime(f.was))
		if !touched && (!all || f.sum == "") {
			continue
		}
		if err == nil && f.sum != "" {
			if sum, err := contents(f.name); err == nil && sum == f.sum {
				g.files[i].was = st // the file was touched, or replaced by a copy
				continue
			}
		}
		differ = append(differ, f.name)
	}
	if len(differ) > 0 {
		return &ChangedError{differ}
	}
	return nil
}

// contents returns a digest of the contents of a file, or "" for a file that this process may execute
// but not read.
func contents(name string) (string, error) {
	sum := sha256.New()
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrPermission) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	n, err := io.Copy(sum, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	fmt.Fprintln(sum, n)
	return shortened(sum), nil
}

func shortened(sum hash.Hash) string { return fmt.Sprintf("%x", sum.Sum(nil)[:8]) }
