package record

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// latest is the name of the link to the newest run.
const latest = "latest"

// Link makes results/latest refer to dir, the folder of the newest run. It creates a symbolic link
// or, if the system does not support symbolic links, a file that contains the path of the folder.
// [Read] accepts both. Link replaces an existing results/latest atomically. The folder dir must
// exist. If dir is itself a link, results/latest refers to the folder at the end of this link.
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
		return fmt.Errorf("%s is a folder, so the link to the newest run cannot replace it", path)
	}
	if to, err = filepath.Rel(from, to); err != nil {
		return err
	}
	if old, err := os.Lstat(path); err == nil && old.IsDir() {
		return fmt.Errorf("%s is a folder, so the link to the newest run cannot replace it", path)
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

// resolved returns the absolute path of the folder dir, in which all symbolic links are resolved.
func resolved(dir string) (string, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// Follow returns the path of a run folder. If dir is a file that [Link] wrote, Follow returns the
// path in this file; otherwise it returns dir. It returns an error if dir does not exist.
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
