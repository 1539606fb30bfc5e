package launch

import (
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/probe"
)

func TestBeyond(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name    string
		cpu, gc float64
		want    float64
	}{
		{"one thread", 60.3e6, 0, 1},
		{"two threads", 120.3e6, 0, 2},
		{"one thread and the collector", 80.3e6, 0.25, 1},
		{"tasks that wait", 0.2e6, 0, 0},
	} {
		o := probe.Observation{Values: map[string]float64{harness.UnitCPU: c.cpu, harness.UnitGCShare: c.gc}}
		if got := beyond(o, []time.Duration{20 * ms, 20 * ms, 20 * ms}); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := beyond(probe.Observation{}, []time.Duration{ms}); got != 0 {
		t.Errorf("without the CPU time: %v", got)
	}
}

// TestWorking checks that a goroutine which computes is noticed, and a goroutine which waits is not.
func TestWorking(t *testing.T) {
	before := runtime.NumGoroutine()
	done, ended := make(chan bool), make(chan bool)
	go func() { <-done; ended <- true }()
	if working(before) {
		t.Error("a goroutine that waits counts as working")
	}
	if runtime.NumGoroutine() > before+1 {
		t.Skip("another test runs")
	}
	go func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				ended <- true
				return
			default:
				runtime.KeepAlive(n)
			}
		}
	}()
	noticed := false
	for range 100 { // on a busy machine, the goroutine may wait for a core
		noticed = noticed || working(before)
	}
	if !noticed {
		t.Error("a goroutine computes, which is not noticed")
	}
	close(done)
	<-ended
	<-ended
	if working(runtime.NumGoroutine()) {
		t.Error("no goroutine computes")
	}
}
