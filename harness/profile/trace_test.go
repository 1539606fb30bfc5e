package profile

import (
	"bytes"
	"runtime"
	"runtime/trace"
	"strings"
	"sync"
	"testing"
)

// recordTrace returns the trace of goroutines that hand a value to each other.
func recordTrace(t *testing.T, rounds int) []byte {
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		t.Fatal(err)
	}
	there, back := make(chan int), make(chan int)
	var both sync.WaitGroup
	both.Go(func() {
		for i := range there {
			back <- i
		}
	})
	for i := range rounds {
		there <- i
		<-back
	}
	close(there)
	both.Wait()
	runtime.GC()
	trace.Stop()
	return b.Bytes()
}

func TestReadTrace(t *testing.T) {
	const rounds = 1000
	b := recordTrace(t, rounds)
	s, err := ReadTrace(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	// Each hand-over makes a goroutine runnable, except some that the receiver finds ready.
	if len(s.Latencies) < rounds/2 || s.Quantile(0.5) < 0 || s.Quantile(1) < s.Quantile(0.5) {
		t.Errorf("%d latencies for %d rounds", len(s.Latencies), rounds)
	}
	if s.Cores != runtime.GOMAXPROCS(0) || s.Wall <= 0 || s.Running <= 0 || s.Running > 1 || s.Collect <= 0 || s.Collect > s.Running {
		t.Errorf("%d cores, wall %v, running %v, of it GC %v", s.Cores, s.Wall, s.Running, s.Collect)
	}

	if _, err := ReadTrace(strings.NewReader("not a trace")); err == nil || !strings.Contains(err.Error(), "not an execution trace") {
		t.Errorf("error %v", err)
	}
	if _, err := ReadTrace(bytes.NewReader(b[:len(b)-len(b)/4])); err == nil || !strings.Contains(err.Error(), "torn") {
		t.Errorf("torn trace: error %v", err)
	}
}
