package fault

import (
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies/catalog"
)

func TestShapeRuns(t *testing.T) {
	threads := catalog.Named("pool").Capabilities
	bare := threads
	bare.Limits = false
	processes := threads
	processes.Processes = true
	for _, c := range []struct {
		shape, order string
		can          catalog.Capabilities
		want         string
	}{
		{"none", "map", threads, ""},
		{"panic3", "map", threads, ""},
		{"kill3", "map", processes, ""},
		{"kill3", "map", threads, "ends the process"},
		{"exit3", "map", threads, "ends the process"},
		{"hang3", "map", bare, "limits how long"},
		{"fail3", "map", catalog.Capabilities{Idiom: catalog.MapIdiom}, "any job"},
		{"lazy1048576", "map", threads, "needs a stream"},
		{"lazy1048576", "input", threads, ""},
	} {
		s, err := Parse(c.shape)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Runs(c.order, c.can); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("shape %s, order %s: got error %v, want %q", c.shape, c.order, err, c.want)
		}
	}
}

func TestPlan(t *testing.T) {
	for _, f := range []plan{{}, {1, 2, Killed}} {
		got, rest, err := cutPlan(f.append(nil))
		if err != nil || got != f || len(rest) > 0 {
			t.Errorf("plan %v became %v after encoding and decoding, with %d bytes left and error %v", f, got, len(rest), err)
		}
	}
	for _, src := range [][]byte{nil, make([]byte, planSize-1), append(make([]byte, planSize-1), byte(Killed)+1)} {
		if _, _, err := cutPlan(src); err == nil {
			t.Errorf("decoding the invalid plan %v: no error", src)
		}
	}
}

// TestFailing checks that about one in 16 tasks of a job fails, and that at least one task fails.
func TestFailing(t *testing.T) {
	for n := 1; n < 40; n++ {
		j := Shape{Kind: Fails, every: 16}.Over(uint64(n), n)
		failing := 0
		for i := range n {
			if j.Fails(i) {
				failing++
			}
		}
		if failing != j.Failing || failing < max(1, n/16) || failing > n/16+1 {
			t.Errorf("the plan says that %d of %d tasks fail, but %d tasks do", j.Failing, n, failing)
		}
	}
}
