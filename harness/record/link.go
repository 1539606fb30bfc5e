package record

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// latest is the name that Link gives to the newest run.
const latest = "latest"

// Link makes results/latest stand for the run's folder: a symbolic link or, where there are
// none, a file that holds the folder's name. [Read] follows both. Whoever reads meanwhile
// sees the old one or the new.
func Link(results, dir string) error {
	from, err := filepath.Abs(results)
	if err != nil {
		return err
	}
	to, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if to, err = filepath.Rel(from, to); err != nil {
		return err
	}
	path := filepath.Join(results, latest)
	if old, err := os.Lstat(path); err == nil && old.IsDir() {
		return fmt.Errorf("%s is a folder: it is left as it is", path)
	}
	beside, err := os.MkdirTemp(results, "."+latest+"-") // for a name that nobody else has
	if err != nil {
		return err
	}
	defer os.RemoveAll(beside)
	made := filepath.Join(beside, latest)
	if os.Symlink(to, made) != nil {
		if err := os.WriteFile(made, []byte(to+"\n"), 0o666); err != nil {
			return err
		}
	}
	return os.Rename(made, path)
}

// follow returns the folder that a file in the place of a symbolic link names.
func follow(dir string) (string, error) {
	st, err := os.Stat(dir)
	if err != nil {
		return dir, err
	}
	if !st.Mode().IsRegular() {
		return dir, nil
	}
	to, err := os.ReadFile(dir)
	if err != nil {
		return dir, err
	}
	name := strings.TrimSpace(string(to))
	if filepath.IsAbs(name) {
		return name, nil
	}
	return filepath.Join(filepath.Dir(dir), name), nil
}
