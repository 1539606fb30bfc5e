package kernels

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/workloads"
)

func TestSplitCommand(t *testing.T) {
	for command, want := range map[string]string{
		"wc -c {}":              "wc|-c|{}",
		"  wc\t'a  b' x={} ":    "wc|a  b|x={}",
		`sh -c 'a | b "$0"' {}`: `sh|-c|a | b "$0"|{}`,
		`a "" '' "it's" {}`:     "a|||it's|{}",
		`a"b c"d {}`:            "ab cd|{}",
	} {
		if got, err := SplitCommand(command); err != nil || strings.Join(got, "|") != want {
			t.Errorf("%s: %q, %v", command, got, err)
		}
	}
	for command, want := range map[string]string{
		"":                                      "no command",
		"'' {}":                                 "no command",
		"wc":                                    "has no {}",
		"{} x":                                  "the program itself cannot contain {}",
		"wc {} > x":                             "is special to a shell",
		"wc $HOME {}":                           "is special to a shell",
		`wc a\ b {}`:                            "is special to a shell",
		"wc '{}":                                "never closed",
		"a \x00 {}":                             "zero byte",
		strings.Repeat("a", maxProgram) + " {}": "must be at most",
	} {
		if got, err := SplitCommand(command); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20s: %q, %v, want %q", command, got, err, want)
		}
	}
}

func TestReadInputs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "inputs")
	for text, want := range map[string]string{
		"a\nb c\n": "a|b c", "a": "a", "a\n\n": ":2: the line is empty", "\na": ":1: the line is empty", "a\n \nb": ":2: the line is empty",
		"": "is empty", "a\x00": "zero byte", strings.Repeat("a", maxLine+1): "an input may have", "a\nb\r\n": ":2: the line ends in a carriage return",
		"\r\n": ":1: the line is empty", "\uFEFFa\n": ":1: the file begins with a byte order mark", "a\uFEFF\n": "a\uFEFF", " a \n": " a ",
		"a\n" + strings.Repeat("a", maxLine) + "\nb": ":2: with this line an argument has 131076 bytes; it may have at most 131071",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := ReadInputs([]string{"x", "{}", "[{} {}]-"}, path)
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && strings.Join(got, "|") != want {
			t.Errorf("%.20q: %q, %v", text, got, err)
		}
	}
	for _, path := range []string{"", "none", t.TempDir()} {
		if _, err := ReadInputs([]string{"x", "{}"}, path); err == nil {
			t.Errorf("%q: no error", path)
		}
	}
}

// Tasks take the lines by turns, a call survives encoding, and a program that fails gives a
// ProgramError.
func TestCommand(t *testing.T) {
	program := []string{"/bin/echo", "<{}>"}
	var digests []uint64
	for _, lines := range []string{"a\nb\nc\n", "a\nb\nc\na\nb\n", "a\nb\nc\na\na\n"} {
		inputs := filepath.Join(t.TempDir(), "inputs")
		if err := os.WriteFile(inputs, []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
		l := prepare(t, Command(), workloads.Params{Program: program, Inputs: inputs}, 5)
		digests = append(digests, digest(t, l, l.Direct(t.Context())))
	}
	if digests[0] != digests[1] || digests[0] == digests[2] {
		t.Errorf("digests %x", digests)
	}
	c := workloads.NumberedCodec(argsCodec())
	in := call{Index: 4, Value: fillIn(program, "b")}
	src, _ := c.Append(nil, in)
	if got, err := c.Decode(src); err != nil || got.Index != 4 || !slices.Equal(got.Value, []string{"/bin/echo", "<b>"}) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, n := range []int{0, 4} {
		if _, err := c.Decode(src[:n]); err == nil {
			t.Errorf("%d bytes: no error", n)
		}
	}
	for script, want := range map[string]string{
		"echo no >&2; exit 3": "exit status 3: no",
		"kill -9 $$":          "signal: killed",
	} {
		var failed *ProgramError
		if _, err := execute(t.Context(), call{Value: []string{"/bin/sh", "-c", script}}); !errors.As(err, &failed) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v", script, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := execute(ctx, in); err == nil {
		t.Error("cancelled: no error")
	}
}
