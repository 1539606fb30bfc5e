package launch

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/affinity"
	"github.com/payoff-bench/payoff/harness/probe"
)

const (
	controlTimes = 5       // repetitions of each control, of which the median counts
	loopSteps    = 1 << 19 // takes less than a millisecond
	pingPongs    = 256
	pingPongMost = 20 * time.Millisecond // time limit for all round trips
)

// controls measures the controls and stores their times in values, keyed by unit. A control is work
// that is the same in every launch, so its time depends only on the state of the machine. Call
// controls while nothing else runs in this process.
func controls(values map[string]float64) {
	var times []time.Duration
	for range controlTimes {
		began := time.Now()
		loopSink.Store(loop(loopSteps))
		times = append(times, time.Since(began))
	}
	values[harness.UnitControl] = median(times)
	if d := pingPong(); d > 0 {
		values[harness.UnitPingPong] = nanoseconds(d)
	}
}

// loopSink keeps the compiler from removing the loop.
var loopSink atomic.Uint64

// loop computes the given number of steps of a random number generator, xorshift64* by Vigna. Each
// step needs the result of the step before it, so a core cannot run steps in parallel.
func loop(steps int) uint64 {
	x := uint64(1)
	for range steps {
		x ^= x >> 12
		x ^= x << 25
		x ^= x >> 27
	}
	return x * 0x2545f4914f6cdd1d
}

// pingPong returns the time of a round trip between two threads that spin on different cores. It
// returns 0 if the system does not run the threads at the same time within 20 ms. It pins the
// threads to two cores if the system supports pinning; otherwise it relies on the system's
// scheduler to place them.
func pingPong() time.Duration {
	cores, err := affinity.Cores(0)
	if runtime.GOMAXPROCS(0) < 2 || len(cores) < 2 && !errors.Is(err, errors.ErrUnsupported) {
		return 0
	}
	keep := func(i int) {
		runtime.LockOSThread() // the thread and its mask end with the goroutine
		if err == nil {
			affinity.Keep(cores[i])
		}
	}
	var ping, pong struct {
		word atomic.Int64
		_    [120]byte // fills up two cache lines, since they are prefetched in pairs
	}
	var gaveUp atomic.Bool
	deadline := time.Now().Add(pingPongMost)
	await := func(word *atomic.Int64, n int64) bool {
		for spins := 1; word.Load() != n; spins++ {
			if spins%4096 == 0 && (gaveUp.Load() || time.Now().After(deadline)) {
				gaveUp.Store(true)
				return false
			}
		}
		return true
	}
	const trips = controlTimes * pingPongs
	go func() {
		keep(1)
		for n := int64(1); n <= trips && await(&ping.word, n); n++ {
			pong.word.Store(n)
		}
	}()
	answer := make(chan time.Duration)
	go func() {
		keep(0)
		var times []time.Duration
		began := time.Now()
		for n := int64(1); n <= trips; n++ {
			ping.word.Store(n)
			if !await(&pong.word, n) {
				answer <- 0
				return
			}
			if n%pingPongs == 0 {
				now := time.Now()
				times = append(times, now.Sub(began)/pingPongs)
				began = now
			}
		}
		answer <- time.Duration(median(times))
	}()
	return <-answer
}

// roundTripMost is longer than a usual round trip between two cores of one socket.
const roundTripMost = 500 * time.Nanosecond

// RoundTrip measures how long a message takes from one core to another and back. It returns this
// time as a finding for payoff doctor. Every launch measures it too, as a control. RoundTrip runs
// for a few ms.
func RoundTrip() probe.Finding {
	f := probe.Finding{Name: "round trip", Why: "handing a task to another core and getting its result back takes at least this long; some machines switch between a fast and a slow state"}
	if runtime.GOMAXPROCS(0) < 2 {
		f.Found = "needs two cores"
		return f
	}
	switch d := pingPong(); {
	case d == 0:
		f.Found, f.State = "the system did not run two threads on separate cores within the time limit", probe.Wrong
	case d > roundTripMost:
		f.Found, f.State = fmt.Sprintf("%v between two cores, which is slow", d), probe.Noted
	default:
		f.Found, f.State = fmt.Sprintf("%v between two cores", d), probe.Good
	}
	return f
}
