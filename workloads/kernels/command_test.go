package kernels

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

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
		if got, err := SplitCommand(command, false); err != nil || strings.Join(got, "|") != want {
			t.Errorf("command %s: got words %q, error %v", command, got, err)
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
		if got, err := SplitCommand(command, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("command %.20s: got words %q, error %v, want an error with %q", command, got, err, want)
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
		got, err := ReadInputs([]string{"x", "{}", "[{} {}]-"}, path, workloads.Rules{})
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && strings.Join(got, "|") != want {
			t.Errorf("file with text %.20q: got lines %q, error %v", text, got, err)
		}
	}
	for _, path := range []string{"", "none", t.TempDir()} {
		if _, err := ReadInputs([]string{"x", "{}"}, path, workloads.Rules{}); err == nil {
			t.Errorf("inputs file %q, which is missing or not a file: no error", path)
		}
	}
}

// TestCommand checks that tasks take the lines of the inputs in turn, that encoding a call loses
// nothing, and that a program that fails gives a [ProgramError].
func TestCommand(t *testing.T) {
	program := []string{"/bin/echo", "<{}>"}
	var digests []uint64
	for _, lines := range []string{"a\na\n", "a\n", "a\nb\n"} {
		inputs := filepath.Join(t.TempDir(), "inputs")
		if err := os.WriteFile(inputs, []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
		l := prepare(t, Command(), workloads.Params{Program: program, Inputs: inputs}, 5)
		digests = append(digests, digest(t, l, l.Direct(t.Context())))
		if times := l.Times(); len(times) != 5 || slices.Min(times) <= 0 {
			t.Errorf("got running times %v, want 5 times above 0", times)
		}
	}
	if digests[0] != digests[1] || digests[0] == digests[2] {
		t.Errorf("got digests %x, want the first two equal and the third different", digests)
	}
	c := workloads.NumberedCodec(invocationCodec())
	in := call{Index: 4, Value: invocation{Args: fillIn(program, "b\xff"), Line: "b\xff", Rules: workloads.Rules{Exit: []int{0, 3}}}}
	src, _ := c.Append(nil, in)
	if got, err := c.Decode(src); err != nil || !reflect.DeepEqual(got, in) || got.Value.Args[1] != "<b\xff>" {
		t.Errorf("after encoding and decoding, a call became %+v, error %v", got, err)
	}
	for _, n := range []int{0, 4} {
		if _, err := c.Decode(src[:n]); err == nil {
			t.Errorf("decoding a call of %d bytes: no error", n)
		}
	}
	for script, want := range map[string]string{
		"echo no >&2; exit 3": "exit status 3 (--exit-codes lists the statuses that mean success): no",
		"kill -9 $$":          "signal: killed",
	} {
		var failed *ProgramError
		if _, err := execute(t.Context(), call{Value: invocation{Args: []string{"/bin/sh", "-c", script}}}); !errors.As(err, &failed) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("script %s: got error %v, want a ProgramError", script, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := execute(ctx, in); err == nil {
		t.Error("program with a cancelled context: no error")
	}
}

// TestSelection checks that the seed chooses the lines of a job, and that a job with enough tasks
// uses all lines.
func TestSelection(t *testing.T) {
	inputs := filepath.Join(t.TempDir(), "inputs")
	if err := os.WriteFile(inputs, []byte("a\nb\nc\nd\ne\x1b"+strings.Repeat("e", 99)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	of := func(seed uint64, tasks int) workloads.Selection {
		return prepare(t, Command(), workloads.Params{Program: []string{"/bin/echo", "{}"}, Inputs: inputs, Seed: seed}, tasks).Selection()
	}
	all := of(1, 7)
	if lines := slices.Sorted(slices.Values(all.Lines)); all.Of != 5 || !slices.Equal(lines, []int{1, 2, 3, 4, 5}) {
		t.Errorf("job with more tasks than lines: got selection %+v, want all 5 lines", all)
	}
	if at := slices.Index(all.Lines, 5); all.Texts[at] != "e?"+strings.Repeat("e", 77)+"…" {
		t.Errorf("the text of the long line is %q, want one of 80 characters", all.Texts[at])
	}
	chosen := map[int]bool{}
	for seed := range uint64(20) {
		some := of(seed, 2)
		if some.Of != 5 || len(some.Lines) != 2 || !reflect.DeepEqual(some, of(seed, 2)) {
			t.Errorf("seed %d: got selection %+v, want the same 2 of 5 lines in each load", seed, some)
		}
		chosen[some.Lines[0]] = true
	}
	if len(chosen) < 3 {
		t.Errorf("the jobs of 20 seeds begin with the lines %v, want at least 3 different lines", chosen)
	}
}

// TestRules runs a script with rules that differ from the defaults.
func TestRules(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		rules  workloads.Rules
		want   string // part of the error; "" for none
	}{
		"status in the list":                    {"exit 3", workloads.Rules{Exit: []int{0, 3}}, ""},
		"status outside the list":               {"exit 4", workloads.Rules{Exit: []int{0, 3}}, "exit status 4"},
		"status 0 outside the list":             {"exit 0", workloads.Rules{Exit: []int{3}}, "exit status 0 is not in the list"},
		"any status allowed":                    {"exit 99", workloads.Rules{Exit: []int{workloads.AnyStatus}}, ""},
		"the shell finds no program":            {"/nonexistent", workloads.Rules{Exit: []int{workloads.AnyStatus}}, "exit status 127"},
		"status 127 is named":                   {"/nonexistent", workloads.Rules{Exit: []int{workloads.AnyStatus, 127}}, ""},
		"killed by a signal":                    {"kill -9 $$", workloads.Rules{Exit: []int{workloads.AnyStatus}}, "signal: killed"},
		"environment variable":                  {`test "$SPEED" = slow`, workloads.Rules{Env: []string{"SPEED=slow"}}, ""},
		"line as standard input":                {`read line && test "$line" = "a  b"`, workloads.Rules{Stdin: true}, ""},
		"empty standard input":                  {"read line", workloads.Rules{}, "exit status 1"},
		"exceeds its time limit":                {"exec sleep 1000", workloads.Rules{Timeout: time.Millisecond}, "ran longer than 1ms"},
		"exceeds its limit, any status allowed": {"exec sleep 1000", workloads.Rules{Timeout: time.Millisecond, Exit: []int{workloads.AnyStatus}}, "ran longer than 1ms"},
		"outputs are not compared":              {"echo $$", workloads.Rules{NoDigest: true}, ""},
		"leaves a process behind":               {"sleep 10 & exit 1", workloads.Rules{Exit: []int{workloads.AnyStatus}}, "keeps its output open"},
	} {
		out, err := execute(t.Context(), call{Index: 7, Value: invocation{Args: []string{"/bin/sh", "-c", c.script}, Line: "a  b", Rules: c.rules}})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q", name, err, c.want)
		}
		if c.rules.NoDigest && out != (workloads.Outcome{Index: 7}) {
			t.Errorf("%s: got outcome %+v, want one without a value", name, out)
		}
	}
	for limit, ok := range map[time.Duration]bool{0: true, 1: false, -1: false, time.Millisecond: true, 65 * time.Second: true, time.Hour: true, time.Hour + 1: false} {
		if err := (workloads.Rules{Timeout: limit}).Check(); (err == nil) != ok {
			t.Errorf("time limit %v: got error %v, want one exactly if the limit is invalid", limit, err)
		}
	}
	if usual := (workloads.Rules{}).Limit(); usual < 65*time.Second {
		t.Errorf("the usual time limit of a task is %v, want at least 65s", usual)
	}
	for list, ok := range map[string]bool{"0": true, "0,1": true, "any": true, "": false, "x": false, "-1": false, "256": false, "1,": false} {
		if got, err := workloads.ParseExit(list); (err == nil) != ok {
			t.Errorf("list of exit statuses %q: got %v, error %v", list, got, err)
		}
	}
}

// TestShell runs commands in sh. Each command gets a line with characters that are special to sh.
// sh must pass the line unchanged.
func TestShell(t *testing.T) {
	const line = `a  "b" $HOME '; exit 9`
	for _, command := range []string{`test "$(printf %s "$1")" = "$1"`, `test $(printf %s {} | wc -c) -gt 9`, `test "$1" = {}`, `test "$1" = "{}"`, `test "x$1" = x{}`, `test "\"$1" = \"{}`} {
		program, err := Shell(command)
		if err != nil {
			t.Errorf("%s: %v", command, err)
			continue
		}
		if _, err := execute(t.Context(), call{Value: invocation{Args: fillIn(program, line)}}); err != nil {
			t.Errorf("%s: %v", command, err)
		}
	}
	for command, want := range map[string]string{
		`echo '{}'`:            "in single quotes",
		`echo "{}`:             "never closed",
		`echo \{} {}`:          "after a backslash", // sh would run the line as a part of the script
		`echo "$(wc -c "{}")"`: "command substitution",
		"echo \"`wc -c {}`\"":  "command substitution",
		"cat <<END\n{}\nEND":   "here-document",
	} {
		if _, err := Shell(command); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", command, err, want)
		}
	}
}
