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
// none, a file that holds the folder's name. [Read] follows both. A reader sees the old one or
// the new at any time.
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
	temp, err := os.MkdirTemp(results, "."+latest+"-") // in which the name is free
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	made := filepath.Join(temp, latest)
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
