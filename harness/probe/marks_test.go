package probe

import (
	"testing"
	"time"
)

func TestStolen(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		share float64
		wall  time.Duration
		cores int
		want  bool
	}{
		{0, 100 * ms, 2, false},
		{0.1, 100 * ms, 1, false}, // one tick
		{0.05, 101 * ms, 2, false},
		{0.2, 101 * ms, 1, true},
		{0.1, 100 * ms, 2, true},
		{0.009, time.Minute, 1, false},
		{0.011, time.Minute, 1, true},
	} {
		if stolen(c.share, c.wall, c.cores) != c.want {
			t.Errorf("%+v", c)
		}
	}
}
