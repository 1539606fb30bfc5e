package kernels

import (
	"context"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A step of primes is one division. A task divides each number below 2¹⁶ by every odd number below
// 2⁸. It goes on after it has found a divisor, so that the time of a step does not depend on the
// numbers.
const (
	primeBits = 16
	divisors  = 1 << (primeBits / 2)
)

// newPrimes returns the workload primes. Its tasks count prime numbers by trial division.
func newPrimes() workloads.Workload {
	return counted(workloads.Workload{
		Name:   "primes",
		Doc:    "counts primes by trial division: integer arithmetic that keeps the divider of a core busy",
		Uses:   "allocates nothing, touches no memory",
		Finest: 100,
	}, scale{steps: 10, nanos: 17, lead: 5}.count, primes)
}

// primes counts prime numbers by trial division, beginning with a number and a divisor that the
// seed of the task selects.
func primes(ctx context.Context, t workloads.Task) (workloads.Outcome, error) {
	const stride = 1 << 18 // number of steps between two checks of the context, about a millisecond
	n := t.Seed>>(32-primeBits) | 1
	d := t.Seed%divisors | 1 // start with any divisor, so that short tasks resemble long tasks
	var found, dividing, rest uint32
	for left := t.Steps; left > 0; {
		steps := min(left, stride)
		for range steps {
			if d += 2; d > divisors {
				if dividing == 0 {
					found++
				}
				n, d, dividing = (n+2)%(1<<primeBits), 3, 0
			}
			r := n % d
			rest += r ^ d
			if r == 0 {
				dividing++
			}
		}
		if left -= steps; left > 0 && ctx.Err() != nil {
			return workloads.Outcome{}, ctx.Err()
		}
	}
	return workloads.Outcome{Index: t.Index, Value: mix.Bits(t.Start() ^ uint64(found)<<32 ^ uint64(rest))}, nil
}
