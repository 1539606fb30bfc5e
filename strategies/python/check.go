package python

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

//go:embed payoff_check.py
var checker string

// A Function names a function of the user and its inputs.
type Function struct {
	Name   string // module:function; the module is found in the current folder, or as the interpreter finds modules
	Inputs string // a file, each line of which is an input, or module:generator
	// Generated says that Inputs names a generator: an iterable, or a function that returns one.
	Generated bool
}

// A Checked holds the results of [Interpreter.Check]: the inputs of the function, and facts about
// it.
type Checked struct {
	Inputs [][]byte      // each input as JSON
	Work   time.Duration // shortest time of a call with one of the first inputs
	File   string        // file of the module; "" if it has none
	Files  []string      // files of all modules that it imports, except those of the interpreter
}

// Check imports the function f and its inputs, and calls the function with the first inputs. It
// gives up after the time limit. Its error names the mistake in the function or in its inputs.
func (i Interpreter) Check(ctx context.Context, f Function, limit time.Duration) (c Checked, err error) {
	kind := "lines"
	if f.Generated {
		kind = "values"
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var stdout bytes.Buffer
	var stderr lastBytes
	cmd := exec.CommandContext(limited, i.Path, "-c", checker, f.Name, kind, f.Inputs)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &stdout, &stderr, time.Second
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return c, context.Cause(ctx)
	case limited.Err() != nil:
		return c, fmt.Errorf("%s did not return within %v%s; choose inputs that take less time", f.Name, limit, tail(stderr.text))
	case err != nil:
		return c, fmt.Errorf("%s ended the interpreter: %w%s", f.Name, err, tail(stderr.text))
	}
	var facts struct {
		Error, File string
		Files       []string
		Work        int64
	}
	head, rest, _ := bytes.Cut(stdout.Bytes(), []byte("\n"))
	err = json.Unmarshal(head, &facts)
	switch {
	case err != nil:
		return c, fmt.Errorf("%s ended the interpreter before it was checked%s", f.Name, tail(stderr.text))
	case facts.Error != "":
		return c, errors.New(strings.ToValidUTF8(facts.Error, "?"))
	}
	inputs := bytes.Split(bytes.TrimSuffix(rest, []byte("\n")), []byte("\n"))
	return Checked{Inputs: inputs, Work: max(1, time.Duration(facts.Work)), File: facts.File, Files: facts.Files}, nil
}
