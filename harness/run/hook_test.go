package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// TestHooks runs the commands before and after launches that succeed, time out, or have no prepared
// state. The command after a launch always runs.
func TestHooks(t *testing.T) {
	cell := harness.Cell{Task: harness.Task{Workload: "spin"}, Strategy: "pool", Cores: 1}
	for name, c := range map[string]struct {
		command []string
		prepare string
		want    string // part of the error; "" for none
	}{
		"a launch that succeeds":   {nil, "printf p >>$LOG", ""},
		"a launch that is killed":  {[]string{"sleep", "1000"}, "printf p >>$LOG", "longer than"},
		"prepare fails half-way":   {nil, "printf p >>$LOG; echo broken >&2; exit 5", `--prepare "printf p >>$LOG; echo broken >&2; exit 5": exit status 5: broken`},
		"prepare leaves a process": {nil, "printf p >>$LOG; sleep 10 &", ""},
	} {
		r, _ := runner(t, &sink{})
		log := filepath.Join(t.TempDir(), "log")
		r.Rules = harness.Rules{Prepare: c.prepare, Cleanup: "printf c >>$LOG", Env: []string{"LOG=" + log}}
		if c.command != nil {
			r.Command, r.Timeout = c.command, time.Second/10
		}
		_, err := r.Launch(t.Context(), harness.Spec{Cell: cell})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if got, err := os.ReadFile(log); string(got) != "pc" {
			t.Errorf("%s: the commands wrote %q, %v", name, got, err)
		}
	}
}
