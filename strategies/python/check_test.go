package python

import (
	"os"
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
	c, err = i.Check(t.Context(), Function{Name: "good:double", Inputs: "lines.txt"}, time.Minute)
	if err != nil || len(c.Inputs) != 3 || string(c.Inputs[1]) != `"b c"` {
		t.Errorf("inputs %s, error %v", c.Inputs, err)
	}
}

// TestCheckRefuses checks mistakes that python.txtar of the command does not check.
func TestCheckRefuses(t *testing.T) {
	i := real(t)
	t.Chdir("testdata")
	binary := filepath.Join(t.TempDir(), "binary.txt")
	if err := os.WriteFile(binary, []byte("a\n\xff\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := func(name string) Function { return Function{Name: name, Inputs: "lines.txt"} }
	values := func(name string) Function { return Function{Name: "bad:same", Inputs: name, Generated: true} }
	for _, c := range []struct {
		f    Function
		want string
	}{
		{lines("bad"), "bad is not of the form module:function"},
		{lines("bad:hidden"), "cannot be sent to a worker process, since pickle fails"},
		{lines("bad:fails"), `bad:fails failed for input 1, "a": ValueError: no good (bad.py:22, in fails)`},
		{lines("bad:gives_bytes"), "is or contains a value of type bytes, which JSON lacks; return text"},
		{lines("bad:exits"), "bad:exits ended the interpreter: exit status 3: calling it with input 1"},
		{values("bad:raises"), "bad:raises failed: KeyError: 'gone' (bad.py:40, in raises)"},
		{values("bad:none"), "bad:none yields no input"},
		{values("bad:endless"), "bad:endless has more than 1000000 inputs or 64 MiB"},
		{values("bad:keys"), "is or contains a dict with a key of type int"},
		{values("bad:number"), "bad:number failed: TypeError: 'int' object is not iterable"},
		{Function{Name: "bad:same", Inputs: "none.txt"}, "none.txt: No such file or directory"},
		{Function{Name: "bad:same", Inputs: binary}, "binary.txt:2: the line is not UTF-8"},
	} {
		if _, err := i.Check(t.Context(), c.f, time.Minute); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %s: error %v; %q was expected", c.f.Name, c.f.Inputs, err, c.want)
		}
	}
	if _, err := i.Check(t.Context(), lines("bad:never"), time.Second); err == nil || !strings.Contains(err.Error(), "bad:never did not return within 1s: calling it with input 1") {
		t.Errorf("error %v; a function that never returns was expected", err)
	}
}
