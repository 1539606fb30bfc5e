package launch

import (
	"testing"
	"time"
)

func TestSteady(t *testing.T) {
	for _, c := range []struct {
		name  string
		times []time.Duration
		want  bool
	}{
		{"alike", []time.Duration{100, 100, 100}, true},
		{"a little noise", []time.Duration{100, 103, 98, 101}, true},
		{"still warming up", []time.Duration{140, 120, 105, 100}, false},
		{"one far off", []time.Duration{100, 100, 130}, false},
	} {
		if got := steady(c.times); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
