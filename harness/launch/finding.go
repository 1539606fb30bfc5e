package launch

import (
	"fmt"
	"runtime"
	"time"

	"github.com/payoff-bench/payoff/harness/probe"
)

// roundTripMost is above what a round trip between two cores of one socket takes.
const roundTripMost = 500 * time.Nanosecond

// RoundTrip measures the control between two cores, as every launch does. It takes some ms.
func RoundTrip() probe.Finding {
	f := probe.Finding{Name: "round trip", Why: "handing over cannot cost less, and some machines flip between a fast and a slow state"}
	if runtime.GOMAXPROCS(0) < 2 {
		f.Found = "it takes two cores"
		return f
	}
	f.Found, f.State = judgeRoundTrip(pingPong())
	return f
}

// judgeRoundTrip says what a round trip means; 0 is one that did not get its two cores.
func judgeRoundTrip(d time.Duration) (string, probe.State) {
	switch {
	case d == 0:
		return "two threads did not get a core each in time", probe.Wrong
	case d > roundTripMost:
		return fmt.Sprintf("%v between two cores, which is slow", d), probe.Noted
	}
	return fmt.Sprintf("%v between two cores", d), probe.Good
}
