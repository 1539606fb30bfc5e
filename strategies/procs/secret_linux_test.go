package procs

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
)

// TestSecretsAreNotShown checks that a worker whose transport listens on an address exposes no more
// than a worker with pipes. Its arguments, environment and files contain neither the address nor
// the secret of the channel.
func TestSecretsAreNotShown(t *testing.T) {
	var plain string
	for _, tr := range transports() {
		dir := t.TempDir()
		t.Setenv("TMPDIR", dir)
		c := config(1)
		c.Transport = tr
		x := newExecutor(t, c)
		out, err := fault.Map(t.Context(), x, []string{"env"}, strategies.Options{})
		if err != nil {
			t.Fatal(err)
		}
		args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", x.PIDs()[0]))
		must(t, err)
		shown := out[0] + "\n" + strings.ReplaceAll(string(args), "\x00", " ")
		if tr.Name == "pipe" {
			plain = shown
		}
		if shown != plain {
			t.Errorf("%s: %s\nnot %s", tr.Name, shown, plain)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s: %v", tr.Name, left)
		}
	}
}
