package kernels

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/payoff-bench/payoff/workloads"
)

// entries returns the paths of all files and folders in dir.
func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if path != dir {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestFilesLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	l, err := newFiles().New(workloads.Params{Payload: 10, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Inputs(5); err != nil {
		t.Fatal(err)
	}
	if err := l.Direct(t.Context()); err != nil {
		t.Fatal(err)
	}
	own := entries(t, dir)
	if len(own) != 1 {
		t.Errorf("after a job, the folder contains %v, want only the folder of the load", own)
	}
	// Close also removes the file of a task whose worker was killed.
	if err := os.WriteFile(filepath.Join(own[0], "3"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if left := entries(t, dir); len(left) > 0 {
		t.Errorf("after Close, the folder contains %v, want nothing", left)
	}
}

func TestFilesMissing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "missing")
	if _, err := newFiles().New(workloads.Params{Payload: 1, Dir: dir}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), dir) {
		t.Errorf("New with a folder that does not exist: got error %v, want one that names the folder", err)
	}
	_, err := writeAndRead(t.Context(), workloads.FolderTask{Task: workloads.Task{Index: 4, Steps: 1}, Dir: dir}, (*os.File).Sync)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), filepath.Join(dir, "4")) {
		t.Errorf("task with a folder that does not exist: got error %v, want one that names the file", err)
	}
}

func TestFilesFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no /dev/full, a device that is always full: ", err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "4")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	_, err := writeAndRead(t.Context(), workloads.FolderTask{Task: workloads.Task{Index: 4, Steps: 1}, Dir: dir}, (*os.File).Sync)
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), path) {
		t.Errorf("task on a full device: got error %v, want one that names the file and says that no space is left", err)
	}
	if left := entries(t, dir); len(left) > 0 {
		t.Errorf("task on a full device leaves files behind: %v", left)
	}
}

// A fading is a context that ends after a number of calls of its method Err. The field left is the
// number of calls that remain.
type fading struct {
	context.Context
	left int
}

func (f *fading) Err() error {
	if f.left--; f.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestFilesCancelled(t *testing.T) {
	const chunks = 3
	for asked := range 1 + 2*chunks {
		dir := t.TempDir()
		_, err := writeAndRead(&fading{t.Context(), asked}, workloads.FolderTask{Task: workloads.Task{Index: 4, Steps: chunks * fileChunk}, Dir: dir}, (*os.File).Sync)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("task that is cancelled after %d checks of its context: got error %v, want context.Canceled", asked, err)
		}
		if left := entries(t, dir); len(left) > 0 {
			t.Errorf("task that is cancelled after %d checks of its context leaves files behind: %v", asked, left)
		}
	}
}

func TestFilesOverwrites(t *testing.T) {
	dir := t.TempDir()
	task := workloads.FolderTask{Task: workloads.Task{Index: 4, Seed: 2, Steps: fileChunk + 13}, Dir: dir}
	want, err := writeAndRead(t.Context(), task, (*os.File).Sync)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "4"), make([]byte, 3*fileChunk), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := writeAndRead(t.Context(), task, (*os.File).Sync); err != nil || got != want {
		t.Errorf("task that overwrites an older file: got outcome %v, error %v, want outcome %v", got, err, want)
	}
	task.Steps--
	if got, err := writeAndRead(t.Context(), task, (*os.File).Sync); err != nil || got == want {
		t.Errorf("task with one byte less: got outcome %v, error %v, want another outcome", got, err)
	}
}
