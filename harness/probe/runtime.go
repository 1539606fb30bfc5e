package probe

import (
	"errors"
	"math"
	"runtime/metrics"

	"github.com/payoff-bench/payoff/harness"
)

// A runtimeGauge measures allocations, garbage collection and scheduling latency of this process,
// with package runtime/metrics.
type runtimeGauge struct {
	stretch                  // counts of heap objects and bytes allocated
	from    []metrics.Sample // what readWhole returned at opening
}

func openRuntime() *runtimeGauge {
	counts := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}, {Name: "/gc/heap/allocs:bytes"}}
	g := &runtimeGauge{from: readWhole()}
	g.read = func() (amounts, error) {
		metrics.Read(counts)
		return amounts{float64(counts[0].Value.Uint64()), float64(counts[1].Value.Uint64())}, nil
	}
	g.begin() // the first reading allocates
	return g
}

// readWhole reads the runtime metrics that the gauge measures over its whole life, from its opening
// to its close. These are the pauses by the garbage collector (GC), the scheduling latencies, and
// the CPU times of the GC, of the whole process and of idle processors.
func readWhole() []metrics.Sample {
	s := []metrics.Sample{
		{Name: "/sched/pauses/total/gc:seconds"},
		{Name: "/sched/latencies:seconds"},
		{Name: "/cpu/classes/gc/total:cpu-seconds"},
		{Name: "/cpu/classes/total:cpu-seconds"},
		{Name: "/cpu/classes/idle:cpu-seconds"},
	}
	metrics.Read(s)
	return s
}

func (g *runtimeGauge) close(o Observation) {
	to := readWhole()
	o.put(harness.UnitAllocs, g.sum[0], nil)
	o.put(harness.UnitAllocBytes, g.sum[1], nil)
	pauses, counts := since(g.from[0], to[0])
	o.put(harness.UnitPauses, total(pauses, counts)*1e9, nil)
	latency, counts := since(g.from[1], to[1])
	p99, err := quantile(latency, counts, 0.99)
	o.put(harness.UnitLatency, p99*1e9, err)

	// The runtime updates these at the end of a GC cycle, so the share covers whole cycles;
	// without a cycle it is 0.
	delta := func(i int) float64 { return to[i].Value.Float64() - g.from[i].Value.Float64() }
	gc, all, idle := delta(2), delta(3), delta(4)
	share := 0.0
	if all > idle {
		share = gc / (all - idle)
	}
	o.put(harness.UnitGCShare, share, nil)
}

// since compares two readings of a histogram, from and the later reading to. It returns the bounds
// of the buckets, and for each bucket how many values were added between the readings.
func since(from, to metrics.Sample) (bounds []float64, counts []uint64) {
	h := to.Value.Float64Histogram()
	counts = make([]uint64, len(h.Counts))
	for i, n := range from.Value.Float64Histogram().Counts {
		counts[i] = h.Counts[i] - n
	}
	return h.Buckets, counts
}

// total returns the approximate sum of the values in a histogram. It takes each value as the middle
// of its bucket.
func total(bounds []float64, counts []uint64) (sum float64) {
	for i, n := range counts {
		if n > 0 {
			sum += float64(n) * (finite(bounds[i], bounds[i+1]) + finite(bounds[i+1], bounds[i])) / 2
		}
	}
	return sum
}

// finite returns bound, or the value other if bound is infinite. Histograms of the Go runtime have
// infinite outer bounds.
func finite(bound, other float64) float64 {
	if math.IsInf(bound, 0) {
		return other
	}
	return bound
}

var errNothingReady = errors.New("scheduling latency: no goroutine became ready during the measurement")

// quantile returns the quantile q of the values in a histogram, with q from 0 to 1. Since only the
// buckets are known, it returns the upper bound of the bucket that contains the quantile.
func quantile(bounds []float64, counts []uint64, q float64) (float64, error) {
	var n uint64
	for _, c := range counts {
		n += c
	}
	rank := uint64(math.Ceil(q * float64(n)))
	for i, c := range counts {
		if c > 0 && c >= rank {
			return finite(bounds[i+1], bounds[i]), nil
		}
		rank -= c
	}
	return 0, errNothingReady // n is 0, since otherwise the counts reach the rank
}
