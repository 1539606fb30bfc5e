package cli

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestMentioned(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	names := mentioned("/d", []string{"work.py", "--config=c.json", "/etc/hosts", "sh", "", "-x"})
	want := []string{"/d/work.py", "/d/c.json", "/etc/hosts", "/d/sh", sh}
	for _, name := range want {
		if !slices.Contains(names, name) {
			t.Errorf("%q lacks %s", names, name)
		}
	}
	words := shellWords(`A=b.sh ./c.py "$1" | sort -k1 >out 2>>"errors" && cat <in; awk '{print $1}' d.txt>&2`)
	if got := strings.Join(words, " "); got != "A=b.sh ./c.py 1 sort -k1 2 cat in awk print 1 d.txt" {
		t.Errorf("words %q", got)
	}
}
