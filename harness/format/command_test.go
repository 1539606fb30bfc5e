package format

import (
	"os/exec"
	"testing"
)

// TestCommand checks that a shell passes quoted words unchanged.
func TestCommand(t *testing.T) {
	words := []string{"printf", `%s\n`, "a", "", "a b", "it's", `"$HOME"`, "`id`", `\`, "~", "*", "a;b", "{}", "-I{}", "{a,b}", "x=1", "#", "é", "a\nb", "!x", "(y)", "<z>", "&"}
	out, err := exec.Command("/bin/sh", "-c", Command(words...)).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for _, w := range words[2:] {
		want += w + "\n"
	}
	if string(out) != want {
		t.Errorf("%s printed %q, want %q", Command(words...), out, want)
	}
	for word, want := range map[string]string{"results/latest": "results/latest", "-I{}": "-I{}", "workload:spin": "workload:spin", "my run": "'my run'"} {
		if got := Quoted(word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}
