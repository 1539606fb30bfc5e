package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/record"
)

// parent returns the absolute path of the folder that contains dir. If dir is a symbolic link, it
// returns the parent of the folder to which the link refers.
func parent(dir string) string {
	if path, err := filepath.Abs(dir); err == nil {
		dir = path
	}
	if path, err := filepath.EvalSymlinks(dir); err == nil {
		dir = path
	}
	return filepath.Dir(dir)
}

// newFolder creates a folder with the given name in parent and returns its path. If this folder
// exists, because another run began in the same second, it tries name-2, name-3, ….
func newFolder(parent, name string) (string, error) {
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return "", err
	}
	path := filepath.Join(parent, name)
	for n := 2; ; n++ {
		err := os.Mkdir(path, 0o777)
		if !errors.Is(err, fs.ErrExist) {
			return path, err
		}
		path = filepath.Join(parent, fmt.Sprint(name, "-", n))
	}
}

// discard removes the folder of a run that has no samples: first the run's own files, then the
// folder if it is empty. It always returns an error: that the run has no sample or, if removing
// failed, the reason.
func discard(dir string) error {
	for _, name := range []string{record.InfoFile, record.SamplesFile, harness.FunctionInputs} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, syscall.ENOTEMPTY) {
		return err
	}
	return fmt.Errorf("no sample was taken; %s is removed", dir)
}

// finished returns err, the error of writing run.json, with the name of run.json in it. Without
// finished, the error would name a temporary file that the user does not know. If err is nil,
// finished returns nil.
func finished(dir string, err error) error {
	var path *fs.PathError
	if !errors.As(err, &path) {
		return err
	}
	return fmt.Errorf("%s is incomplete: %w", filepath.Join(dir, record.InfoFile), path.Err)
}

// freeSpace returns err. If the disk is full, it adds a remedy, with commands that continue or
// report the run in dir.
func freeSpace(dir string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return errors.Join(err, fmt.Errorf("no space is left on the disk; the samples so far are kept: free some space, then run %s, or %s", command("run", "--resume", dir), command("report", dir)))
	}
	return err
}

// pointerSize is the largest size in bytes of a file that record.Link writes in place of a symbolic
// link.
const pointerSize = 4096

// runFolder returns the run folder to which an argument refers. The argument is the folder, its
// file samples.txt or, on systems without symbolic links, the file results/latest.
func runFolder(arg string) (string, error) {
	if arg == "" {
		return "", misuse("the name of the folder is empty (an unset shell variable?); name the folder of a run")
	}
	arg = operand(arg)
	st, err := os.Stat(arg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if to, linkErr := os.Readlink(arg); linkErr == nil {
			return "", misuse("%s is a link to %s, which does not exist; name the folder of another run", arg, to)
		}
		return "", misuse("%s: no such folder; name the folder of a run", arg)
	case err != nil:
		return "", misuse("%w", err)
	case st.IsDir():
		return arg, nil
	case st.Mode().IsRegular() && filepath.Base(arg) == record.SamplesFile:
		return operand(filepath.Dir(arg)), nil
	case st.Mode().IsRegular() && filepath.Base(arg) == "latest" && st.Size() <= pointerSize:
		to, err := record.Follow(arg)
		if err != nil {
			return "", misuse("%w", err)
		}
		if st, err := os.Stat(to); err == nil && st.IsDir() && !strings.Contains(to, "\n") {
			return to, nil
		}
	}
	return "", misuse("%s is a file; name the run's folder", arg)
}

// damaged returns the message for an error of reading the run in dir. If err has the number of a
// line, the message quotes this line. For known kinds of damage, the message contains the remedy.
func damaged(dir string, err error) error {
	samples, info := filepath.Join(dir, record.SamplesFile), filepath.Join(dir, record.InfoFile)
	var missing *fs.PathError
	switch text := err.Error(); {
	case errors.As(err, &missing):
		return misuse("%w", err)
	case record.IsSides(dir):
		return misuse("%s is the folder of a comparison; %s prints its result", dir, command("ab", "--resume", dir, "--budget", "0"))
	case strings.HasPrefix(text, info+":"):
		return misuse("%w; the file is damaged: restore a copy of it; the command \"BENCHSTAT=1 scripts/compare\" reads %s without it", err, record.SamplesFile)
	case strings.HasPrefix(text, samples+":"):
		number, _, _ := strings.Cut(text[len(samples)+1:], ":")
		if n, convErr := strconv.Atoi(number); convErr == nil {
			return misuse("%w; the line is %q; remove this line to read the other samples", err, lineOf(samples, n))
		}
	}
	return misuse("%w", err)
}

// lineOf returns line n of the file at path, counted from 1. A long line is cut.
func lineOf(path string, n int) string {
	const longest = 120
	text, err := os.ReadFile(path)
	lines := strings.Split(string(text), "\n")
	if err != nil || n > len(lines) {
		return ""
	}
	line := strings.TrimRight(lines[n-1], "\r")
	if len(line) > longest {
		line = line[:longest] + "…"
	}
	return line
}
