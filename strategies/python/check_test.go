package python

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	i := real(t)
	t.Chdir("testdata")
	c, err := i.Check(t.Context(), Function{Name: "good:double", Inputs: "good:inputs", Generated: true}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Inputs) != 20 || string(c.Inputs[19]) != `[19, "\u00e9", {"a": null}]` || c.Work < 1 || filepath.Base(c.File) != "good.py" {
		t.Errorf("%d inputs, the last %s; work %v, file %s", len(c.Inputs), c.Inputs[len(c.Inputs)-1], c.Work, c.File)
	}
	for _, file := range c.Files {
		if !filepath.IsAbs(file) || filepath.Base(file) == "json.py" || strings.HasSuffix(file, "json/__init__.py") {
			t.Errorf("file %s of an imported module", file)
		}
	}
	if len(c.Files) == 0 || !strings.Contains(strings.Join(c.Files, " "), "/good.py") {
		t.Errorf("files %q of imported modules", c.Files)
	}
	c, err = i.Check(t.Context(), Function{Name: "good:double", Inputs: "lines.txt"}, time.Minute)
	if err != nil || len(c.Inputs) != 3 || string(c.Inputs[1]) != `"b c"` {
		t.Errorf("inputs %s, error %v", c.Inputs, err)
	}
}

// checks runs the function main of the checker, in one interpreter, with each of the arguments in the
// first argument, and prints each error as JSON. It makes the limit on inputs smaller.
const checks = `
import json, sys
checker, cases = sys.argv[1:]
answers = sys.stdout
names = {"__name__": "checker"}
exec(compile(checker, "<string>", "exec"), names)
names.update(MOST_INPUTS=1000, MOST_BYTES=1 << 19)
for case in json.loads(cases):
    said = ""
    try:
        names["main"](*case)
    except names["Wrong"] as e:
        said = str(e)
    print(json.dumps(said), file=answers)
`

// TestCheckRefuses checks each mistake that the interpreter survives.
func TestCheckRefuses(t *testing.T) {
	i := real(t)
	t.Chdir("testdata")
	dir := t.TempDir()
	binary, empty := filepath.Join(dir, "binary.txt"), filepath.Join(dir, "empty.txt")
	if err := errors.Join(os.WriteFile(binary, []byte("a\n\xff\n"), 0o600), os.WriteFile(empty, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	cases := [][4]string{ // function, kind of inputs, inputs, text of the error
		{"bad", "lines", "lines.txt", "bad is not of the form module:function"},
		{":same", "lines", "lines.txt", ":same is not of the form module:function"},
		{"..:same", "lines", "lines.txt", "..:same is not of the form module:function, with names as Python's import has them"},
		{"no/such:same", "lines", "lines.txt", "no/such:same is not of the form "},
		{"bad:same()", "lines", "lines.txt", "bad:same() is not of the form "},
		{"bad.py:same", "lines", "lines.txt", "bad.py is a file; name the module without .py"},
		{"absent:same", "lines", "lines.txt", "there is no module absent in the folder "},
		{"breaks:same", "lines", "lines.txt", "module breaks cannot be imported: RuntimeError: not today (breaks.py:1, in <module>)"},
		{"quits:same", "lines", "lines.txt", "module quits cannot be imported: SystemExit: 7 (quits.py:"},
		{"needs:same", "lines", "lines.txt", "module needs cannot be imported: ModuleNotFoundError: No module named 'absent'"},
		{"bad:nothing", "lines", "lines.txt", "module bad has no nothing; it has unnamed, same, wrapped, "},
		{"bad:number", "lines", "lines.txt", "bad:number is a value of type int, not a function"},
		{"bad:unnamed", "lines", "lines.txt", "bad:unnamed cannot be sent to a worker process, since pickle fails: "},
		{"bad:hidden", "lines", "lines.txt", "bad:hidden cannot be sent to a worker process, since pickle fails: "},
		{"bad:waits", "lines", "lines.txt", "bad:waits is a coroutine function; "},
		{"bad:fails", "lines", "lines.txt", `bad:fails failed for input 1, "a": ValueError: no good (bad.py:`},
		{"bad:gives_bytes", "lines", "lines.txt", "is or contains a value of type bytes, which JSON cannot hold; return text"},
		{"bad:deep", "lines", "lines.txt", "is or contains lists or dicts that are nested too deeply"},
		{"bad:large", "lines", "lines.txt", "has more than 0 MiB as JSON; return less"},
		{"bad:long", "lines", "lines.txt", "is or contains an integer of more than 10000 bits"},
		{"bad:method", "lines", "lines.txt", ""},
		{"bad:mute", "lines", "lines.txt", ""}, // it sets sys.stdout to None
		{"bad:lone", "lines", "lines.txt", ""}, // half of a surrogate pair, which JSON can hold
		{"bad:cached", "lines", "lines.txt", "bad:cached keeps its results"},
		{"bad:changes", "values", "bad:unsorted", "bad:changes changes its input 1, [2, 1]"},
		{"bad:same", "values", "bad:raises", "bad:raises failed: KeyError: 'gone' (bad.py:"},
		{"bad:same", "values", "bad:none", "bad:none yields no input"},
		{"bad:same", "values", "bad:endless", "bad:endless has more than 1000 inputs or "},
		{"bad:same", "values", "bad:keys", "is or contains a dict with a key of type int"},
		{"bad:same", "values", "bad:number", "bad:number failed: TypeError: 'int' object is not iterable"},
		{"bad:same", "values", "bad:raw", "input 1 of bad:raw is or contains a value of type bytes, which JSON cannot hold"},
		{"bad:same", "values", "bad:nan", "input 2 of bad:nan is or contains the number nan"},
		{"bad:same", "values", "bad:things", "input 1 of bad:things is or contains a value of type object"},
		{"bad:same", "lines", "none.txt", "none.txt: No such file or directory"},
		{"bad:same", "lines", ".", ".: Is a directory"},
		{"bad:same", "lines", empty, "empty.txt is empty; write one input on each line"},
		{"bad:same", "lines", binary, "binary.txt:2: the line is not UTF-8"},
	}
	given := make([][]string, len(cases))
	for n, c := range cases {
		given[n] = c[:3]
	}
	text, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), i.Path, "-c", checks, checker, string(text))
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	said := json.NewDecoder(bytes.NewReader(out))
	for _, c := range cases {
		var got string
		if err := said.Decode(&got); err != nil {
			t.Fatalf("%q: %v", c, err)
		}
		if !strings.Contains(got, c[3]) || got != "" && c[3] == "" {
			t.Errorf("%s with %s: error %q; %q was expected", c[0], c[2], got, c[3])
		}
	}
}

// TestCheckEnds checks functions that end the interpreter, and one that never returns.
func TestCheckEnds(t *testing.T) {
	i := real(t)
	t.Chdir("testdata")
	for _, c := range []struct {
		function, want string
		limit          time.Duration
	}{
		{"bad:same", "input 2 of bad:nan", time.Minute}, // an error reaches the caller
		{"bad:exits", "bad:exits ended the interpreter: exit status 3: calling it with input 1", time.Minute},
		{"bad:never", "bad:never did not return within 500ms", 500 * time.Millisecond},
	} {
		f := Function{Name: c.function, Inputs: "lines.txt"}
		if c.function == "bad:same" {
			f.Inputs, f.Generated = "bad:nan", true
		}
		if _, err := i.Check(t.Context(), f, c.limit); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; %q was expected", c.function, err, c.want)
		}
	}
}
