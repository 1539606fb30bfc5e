package harness_test

import (
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

func TestParseNeed(t *testing.T) {
	for _, c := range []struct {
		text string
		want harness.Need
		back string // "" if the text is refused
	}{
		{"cpu=5us", harness.Need{CPU: 5 * time.Microsecond}, "cpu=5us"},
		{"cpu=5000", harness.Need{CPU: 5 * time.Microsecond}, "cpu=5us"},
		{"wait=1ms,payload=4096", harness.Need{Wait: time.Millisecond, Payload: 4096}, "wait=1ms,payload=4k"},
		{"cpu=20us,crash", harness.Need{CPU: 20 * time.Microsecond, Crash: true}, "cpu=20us,crash"},
		{"cpu=100us,memory=64MiB", harness.Need{CPU: 100 * time.Microsecond, Memory: 64 << 20}, "cpu=100us,memory=64m"},
		{"cpu=1ms,payload=1000", harness.Need{CPU: time.Millisecond, Payload: 1000}, "cpu=1ms,payload=1000"},
		{text: "cpu=5us,wait=1ms"}, {text: "cpu=5us,cpu=9us"}, {text: "cpu=0"}, {text: "cpu=-5us"}, {text: "cpu="}, {text: "cpu=1h"}, {text: "cpu=1ns"},
		{text: "wait=1ms,crash"}, {text: "cpu=5us,payload=4x"}, {text: "cpu=5us,payload=9999999g"}, {text: "cpu=5us,crash=1"},
		{text: "cpu=5us,size=4"}, {text: "cpu=5us,memory=1m,payload=1k"}, {text: "cpu=100ns,memory=1m"}, {text: "payload=4k"},
	} {
		n, err := harness.ParseNeed(c.text)
		if (err != nil) != (c.back == "") || err == nil && (n != c.want || n.String() != c.back || !harness.IsNeed(c.back)) {
			t.Errorf("%s: %+v (%s), %v", c.text, n, n, err)
		}
	}
}
