package python

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Default is the name of the interpreter that Find looks for in PATH if no path is given.
const Default = "python3"

// minimum is the oldest minor version of Python 3 that the Python files of this package support.
const minimum = 8

// answerLimit is how long an interpreter may take to report its facts. An interpreter on a slow disk
// takes seconds, and a program that is not a Python may wait for ever.
const answerLimit = 30 * time.Second

//go:embed payoff_probe.py
var probe string

// An Interpreter is a Python interpreter, with its properties that affect results.
type Interpreter struct {
	Path           string            `json:"path"`                    // of the program itself: a shim is resolved
	Version        string            `json:"version"`                 // for example 3.13.0
	Implementation string            `json:"implementation"`          // for example CPython
	FreeThreaded   bool              `json:"free_threaded,omitempty"` // whether it runs without a global interpreter lock
	Modules        map[string]string `json:"modules,omitempty"`       // versions of joblib, dask, distributed and ray, if installed
}

// String returns the implementation and the version, for example "CPython 3.13.0".
func (i Interpreter) String() string {
	s := i.Implementation + " " + i.Version
	if i.FreeThreaded {
		s += " without a global lock"
	}
	return s
}

// AtLeast reports whether the version is 3.minor or later.
func (i Interpreter) AtLeast(minor int) bool {
	major, m := i.numbers()
	return major > 3 || major == 3 && m >= minor
}

// numbers returns the first two numbers of the version. A number that the version lacks is 0.
func (i Interpreter) numbers() (major, minor int) {
	first, rest, _ := strings.Cut(i.Version, ".")
	second, _, _ := strings.Cut(rest, ".")
	major, _ = strconv.Atoi(first)
	minor, _ = strconv.Atoi(second)
	return major, minor
}

// Find runs the interpreter at path once, and returns its facts. An empty path means python3 in
// PATH. Find returns an error if there is no such program, if the program is not a working Python,
// or if it is older than Python 3.8.
func Find(ctx context.Context, path string) (Interpreter, error) {
	found, err := exec.LookPath(cmp.Or(path, Default))
	switch {
	case err != nil && path == "":
		return Interpreter{}, fmt.Errorf("there is no %s in PATH; install Python 3.%d or later, or name an interpreter", Default, minimum)
	case errors.Is(err, fs.ErrPermission):
		return Interpreter{}, fmt.Errorf("python interpreter %s is not a program that may be executed; name another", path)
	case err != nil:
		return Interpreter{}, fmt.Errorf("there is no python interpreter %s; name another", path)
	}
	limited, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	var stdout, stderr lastBytes
	c := exec.CommandContext(limited, found, "-c", probe)
	c.Stdout, c.Stderr, c.WaitDelay = &stdout, &stderr, time.Second
	err = c.Run()
	switch {
	case ctx.Err() != nil:
		return Interpreter{}, context.Cause(ctx)
	case limited.Err() != nil:
		return Interpreter{}, fmt.Errorf("%s did not report its version within %v; name a working python interpreter", found, answerLimit)
	case err != nil:
		return Interpreter{}, fmt.Errorf("%s is not a working python interpreter: %w%s", found, err, tail(stderr.text))
	}
	i, ok := facts(string(stdout.text))
	if !ok {
		return Interpreter{}, fmt.Errorf("%s is not a python interpreter: it ran, but reported no version; name another", found)
	}
	i.Path = cmp.Or(i.Path, found)
	if !i.AtLeast(minimum) {
		return Interpreter{}, fmt.Errorf("%s is Python %s; Python 3.%d or later is needed", found, i.Version, minimum)
	}
	return i, nil
}

// facts returns the interpreter whose facts the probe has printed. It ignores other lines in
// stdout.
func facts(stdout string) (i Interpreter, ok bool) {
	for line := range strings.Lines(stdout) {
		if text, found := strings.CutPrefix(line, "payoff-python "); found {
			return i, json.Unmarshal([]byte(text), &i) == nil && i.Version != ""
		}
	}
	return i, false
}

// tail returns the end of the last line of a program's standard error, for the end of an error text.
// It returns "" if the program wrote nothing.
func tail(stderr []byte) string {
	const most = 300
	text := strings.TrimSpace(string(stderr))
	if text == "" {
		return ""
	}
	text = text[strings.LastIndexByte(text, '\n')+1:]
	if len(text) > most {
		text = "…" + text[len(text)-most:]
	}
	return ": " + strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

// lastBytes keeps the last bytes of what is written to it, since a program can write without end.
type lastBytes struct{ text []byte }

func (l *lastBytes) Write(p []byte) (int, error) {
	const most = 16 << 10
	l.text = append(l.text, p[max(0, len(p)-most):]...)
	l.text = l.text[max(0, len(l.text)-most):]
	return len(p), nil
}
