package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// BenchmarkDurability alternates maps on an executor that stores tasks and maps on one that does
// not. Both use the same server, and have a host each. It reports the median time per task of both,
// and the median of the ratios.
func BenchmarkDurability(b *testing.B) {
	s := newJetStream(b)
	url, password := s.address()
	newHost(b, url, password, "core", 2)
	s.host(b, "durable", 2)
	const workers = 2
	core := newExecutor(b, url, password, workers)
	durable := s.executor(b, workers)
	for _, c := range []struct {
		chunk chunk.Policy
		tasks int
	}{{chunk.Fixed(1), 1}, {chunk.Fixed(1), 200}, {chunk.Fixed(64), 6400}, {chunk.Auto{}, 5000}} {
		for _, size := range []int{16, 4 << 10} {
			in := slices.Repeat([]string{strings.Repeat("x", size)}, c.tasks)
			b.Run(fmt.Sprintf("chunk=%v/tasks=%d/bytes=%d", c.chunk, c.tasks, size), func(b *testing.B) {
				run := func(x strategies.Executor) float64 {
					began := time.Now()
					if _, err := echo.Map(context.Background(), x, in, strategies.Options{Chunk: c.chunk}); err != nil {
						b.Fatal(err)
					}
					return float64(time.Since(began)) / float64(c.tasks)
				}
				var plain, stored, ratio []float64
				for b.Loop() {
					p, d := run(core), run(durable)
					plain, stored, ratio = append(plain, p), append(stored, d), append(ratio, d/p)
				}
				b.ReportMetric(median(plain), "ns/core-task")
				b.ReportMetric(median(stored), "ns/durable-task")
				b.ReportMetric(median(ratio), "durable/core")
			})
		}
	}
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}
