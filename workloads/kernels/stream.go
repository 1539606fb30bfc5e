package kernels

import (
	"context"
	"math"
	"sync"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A step of stream computes one cache line of each of the three arrays.
const streamLine = 8 // number of elements

// newStream returns the workload stream: the triad of the STREAM benchmark (McCalpin, 1995), a = b
// + s·c over three arrays. Params.Memory is the total size of the three arrays, in bytes. Each
// running task has its own three arrays.
func newStream() workloads.Workload {
	triads := bySize[*sync.Pool]{make: func(memory uint64) *sync.Pool {
		return &sync.Pool{New: func() any { return newTriad(memory) }}
	}}
	return sized(workloads.Workload{
		Name:   "stream",
		Doc:    "computes a = b + s·c over three arrays: memory bandwidth limits the speed; each running task has its own arrays",
		Uses:   "allocates its memory once per worker; tasks take the nominal grain if the memory fits in L1",
		Finest: 100,
	}, scale{steps: 1, nanos: 5, lead: 5}, func(ctx context.Context, t sizedTask) (workloads.Outcome, error) {
		pool := triads.of(t.Memory)
		tr := pool.Get().(*triad)
		defer pool.Put(tr)
		return tr.run(ctx, t)
	}, nothing)
}

// A triad holds the three arrays of a task of the workload stream.
type triad struct{ a, b, c [][streamLine]float64 }

func newTriad(memory uint64) *triad {
	n := max(1, memory/(3*streamLine*8))
	t := &triad{make([][streamLine]float64, n), make([][streamLine]float64, n), make([][streamLine]float64, n)}
	for i := range t.b {
		for k := range streamLine {
			at := i*streamLine + k
			t.a[i][k], t.b[i][k], t.c[i][k] = 1, float64(at%1024), float64(at%512)
		}
	}
	return t
}

// run performs one step for each cache line of the arrays: it computes the elements of a in this
// line. It begins with a line that the seed of the task selects, and continues with the first line
// after the last. All numbers are small integers, so results are exact with and without fused
// multiplication.
func (tr *triad) run(ctx context.Context, t sizedTask) (workloads.Outcome, error) {
	const stride = 1 << 16 // number of steps between two checks of the context, about a millisecond where memory is slow
	n := uint64(len(tr.a))
	at := uint64(t.Seed) % n
	s := float64(1 + t.Seed%7)
	value := t.Start()
	for left := t.Steps; left > 0; {
		steps := min(left, stride, n-at)
		a, b, c := tr.a[at:at+steps], tr.b[at:at+steps], tr.c[at:at+steps]
		for i := range a {
			x, y, z := &a[i], &b[i], &c[i]
			for k := range x {
				x[k] = y[k] + s*z[k]
			}
		}
		value += math.Float64bits(a[0][1]) ^ math.Float64bits(a[steps-1][3])
		at = (at + steps) % n
		if left -= steps; left > 0 && steps == stride && ctx.Err() != nil {
			return workloads.Outcome{}, ctx.Err()
		}
	}
	return workloads.Outcome{Index: t.Index, Value: mix.Bits(value)}, nil
}
