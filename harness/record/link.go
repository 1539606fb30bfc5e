package record

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// latest is the name of the link to the newest run.
const latest = "latest"

// Link makes results/latest refer to the folder dir: as a symbolic link or, if the system does not
// support them, as a file that contains the folder's path. [Read] follows both. The replacement
// is atomic. Dir must exist; if it is a link, latest refers to the folder that it leads to.
func Link(results, dir string) error {
	from, err := resolved(results)
	if err != nil {
		return err
	}
	to, err := resolved(dir)
	if err != nil {
		return err
	}
	path := filepath.Join(results, latest)
	if to == filepath.Join(from, latest) {
		return fmt.Errorf("%s is a folder, so it is not replaced", path)
	}
	if to, err = filepath.Rel(from, to); err != nil {
		return err
	}
	if old, err := os.Lstat(path); err == nil && old.IsDir() {
		return fmt.Errorf("%s is a folder, so it is not replaced", path)
	}
	temp, err := os.MkdirTemp(results, "."+latest+"-")
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

// resolved returns the absolute path of a folder, without links.
func resolved(dir string) (string, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// Follow returns the folder that dir refers to if it is a file written by [Link], otherwise dir. It
// returns an error if dir does not exist.
func Follow(dir string) (string, error) {
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
