package run

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// TestLongSpec starts launches with a spec that does not fit into the buffer of a pipe. It checks
// that a launch receives the whole spec. A launch that does not read the spec, because it ends or
// is killed, must not block the run.
func TestLongSpec(t *testing.T) {
	program := []string{"program", strings.Repeat("x", 1<<20)}
	cell := harness.Cell{Task: harness.Task{Workload: "spin"}, Strategy: "pool", Cores: 1}
	r, _ := runner(t, &sink{})
	r.Program = program
	if _, err := r.Launch(t.Context(), harness.Spec{Cell: cell}); err != nil {
		t.Errorf("a launch that reads its spec: %v", err)
	}
	r.Command = []string{"true"}
	if _, err := r.Launch(t.Context(), harness.Spec{Cell: cell}); err == nil || !strings.Contains(err.Error(), "but wrote no result") {
		t.Errorf("a launch that ends at once: %v", err)
	}
	r.Command, r.Timeout = []string{"sleep", "1000"}, time.Second/10
	if _, err := r.Launch(t.Context(), harness.Spec{Cell: cell}); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a launch that never reads: %v", err)
	}
}

// TestGist checks that a gist keeps the beginning and the end of a text.
func TestGist(t *testing.T) {
	for _, c := range []struct {
		writes []string
		want   string
	}{
		{nil, ""},
		{[]string{" a\n", "b \n"}, "a\nb"},
		{[]string{strings.Repeat("a", headSize), strings.Repeat("b", tailSize)}, strings.Repeat("a", headSize) + strings.Repeat("b", tailSize)},
		{[]string{strings.Repeat("a", headSize-1), "ab", strings.Repeat("c", tailSize), "d"}, strings.Repeat("a", headSize) + " … (2 bytes) … " + strings.Repeat("c", tailSize-1) + "d"},
		{[]string{strings.Repeat("x", 10*headSize)}, strings.Repeat("x", headSize) + " … (6144 bytes) … " + strings.Repeat("x", tailSize)},
	} {
		var g gist
		for _, w := range c.writes {
			if n, err := g.Write([]byte(w)); n != len(w) || err != nil {
				t.Errorf("wrote %d of %d bytes: %v", n, len(w), err)
			}
		}
		if got := g.String(); got != c.want {
			t.Errorf("%.20q: %.40q of %d bytes, want %d", c.writes, got, len(got), len(c.want))
		}
	}
}

// TestSendToAnEndedLaunch checks that a spec counts as sent if the launch has read all of it, even if
// the launch ends, and its pipe is closed, before the sender closes the pipe.
func TestSendToAnEndedLaunch(t *testing.T) {
	for range 200 {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		sent := send(w, harness.Spec{})
		var got harness.Spec
		if err := json.NewDecoder(r).Decode(&got); err != nil {
			t.Fatal(err)
		}
		w.Close() // as launch does after the end of the process
		r.Close()
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
	}
}
