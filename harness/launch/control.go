package launch

import (
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A control is what the machine showed on work that is the same in every launch.
type control struct {
	loop     time.Duration
	pingPong time.Duration // 0 if it could not be measured
}

const (
	controlTimes = 5       // each control is the median of so many
	loopSteps    = 1 << 19 // below a millisecond
	pingPongs    = 256
	pingPongMost = 20 * time.Millisecond // for all of them, or it is given up
)

// observe runs the controls. Nothing else may run meanwhile.
func (c *control) observe() {
	var times []time.Duration
	for range controlTimes {
		began := time.Now()
		loopSink.Store(loop(loopSteps))
		times = append(times, time.Since(began))
	}
	c.loop = time.Duration(median(times))
	if runtime.GOMAXPROCS(0) > 1 {
		c.pingPong = pingPong()
	}
}

// report puts the controls into values.
func (c control) report(values map[string]float64) {
	values[harness.UnitControl] = nanoseconds(c.loop)
	if c.pingPong > 0 {
		values[harness.UnitPingPong] = nanoseconds(c.pingPong)
	}
}

// loopSink keeps the loop from being optimised away.
var loopSink atomic.Uint64

// loop is a chain of dependent integer steps: xorshift64* by Vigna.
func loop(steps int) uint64 {
	x := uint64(1)
	for range steps {
		x ^= x >> 12
		x ^= x << 25
		x ^= x >> 27
	}
	return x * 0x2545f4914f6cdd1d
}

// pingPong returns what a round trip between two threads takes, each spinning on a core of
// its own; 0 if they did not both get one.
func pingPong() time.Duration {
	cores, err := twoCores()
	if err != nil {
		return 0
	}
	var ping, pong struct {
		word atomic.Int64
		_    [120]byte // a cache line of its own, and its neighbour
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
	// The threads end with their goroutines, since those are locked to them, so that the
	// masks do not outlive the control.
	const trips = controlTimes * pingPongs
	go func() {
		runtime.LockOSThread()
		pinThread(cores[1])
		for n := int64(1); n <= trips && await(&ping.word, n); n++ {
			pong.word.Store(n)
		}
	}()
	answer := make(chan time.Duration)
	go func() {
		runtime.LockOSThread()
		pinThread(cores[0])
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
		slices.Sort(times)
		answer <- times[len(times)/2]
	}()
	return <-answer
}
