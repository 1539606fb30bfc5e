package cli

import (
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

func TestRoomy(t *testing.T) {
	on := func(bytes int) []harness.Block {
		return []harness.Block{{}, {Task: harness.Task{Workload: "stream", Memory: bytes}}}
	}
	for _, c := range []struct {
		bytes  int
		memory int64
		want   string // part of the error; "" for none
	}{
		{1 << 20, 1 << 20, ""},
		{1 << 34, 0, ""},
		{1 << 21, 1 << 20, "workload stream with 2097152 bytes of memory needs more than the 1048576 bytes of this machine"},
	} {
		if err := roomy(on(c.bytes), c.memory); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d of %d: %v, want %q", c.bytes, c.memory, err, c.want)
		}
	}
}
