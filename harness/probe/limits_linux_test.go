package probe

import (
	"strings"
	"testing"
)

func TestLimitsOfScheduling(t *testing.T) {
	stat := func(nice, policy string) string { // as in proc_pid_stat(5): fields 19 and 41
		fields := strings.Fields("7 (x) S" + strings.Repeat(" 0", 49))
		fields[18], fields[40] = nice, policy
		return strings.Join(fields, " ")
	}
	for _, c := range []struct{ nice, policy, want string }{
		{"0", "0", "cores 0-1"},
		{"5", "0", "cores 0-1, nice value 5"},
		{"0", "5", "cores 0-1, scheduling policy idle"},
		{"0", "2", "cores 0-1, scheduling policy rr"},
	} {
		l := fake(t, map[string]string{"proc/7/stat": stat(c.nice, c.policy)}).limits()
		if got := strings.Join(l.Words(), ", "); got != c.want {
			t.Errorf("nice %s, policy %s: %q, want %q", c.nice, c.policy, got, c.want)
		}
	}
}
