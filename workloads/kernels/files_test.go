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
		t.Errorf("after a job: %v, want only the folder of the load", own)
	}
	// Close removes the file of a worker that was killed.
	if err := os.WriteFile(filepath.Join(own[0], "3"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if left := entries(t, dir); len(left) > 0 {
		t.Errorf("after close: %v", left)
	}
}

func TestFilesMissing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "missing")
	if _, err := newFiles().New(workloads.Params{Payload: 1, Dir: dir}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), dir) {
		t.Errorf("new: error %v", err)
	}
	_, err := writeAndRead(t.Context(), workloads.FolderTask{Task: workloads.Task{Index: 4, Steps: 1}, Dir: dir}, (*os.File).Sync)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), filepath.Join(dir, "4")) {
		t.Errorf("task: error %v", err)
	}
}

func TestFilesFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no device that is always full: ", err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "4")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	_, err := writeAndRead(t.Context(), workloads.FolderTask{Task: workloads.Task{Index: 4, Steps: 1}, Dir: dir}, (*os.File).Sync)
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
	if left := entries(t, dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A fading is a context that ends after the given number of calls of Err.
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
			t.Errorf("cancelled at check %d: error %v", asked, err)
		}
		if left := entries(t, dir); len(left) > 0 {
			t.Errorf("cancelled at check %d: left behind %v", asked, left)
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
		t.Errorf("over an older file: %v, %v, want %v", got, err, want)
	}
	task.Steps--
	if got, err := writeAndRead(t.Context(), task, (*os.File).Sync); err != nil || got == want {
		t.Errorf("one byte less: the same outcome %v, %v", got, err)
	}
}
