package workloads

import (
	"context"

	"github.com/payoff-bench/payoff/strategies"
)

// A spin step is a shift, an exclusive or and a multiplication, each waiting for the one
// before: 1+1+3 cycles on today's x86 and ARM cores, so 3 steps in 5 ns at 3 GHz. Call
// and tail (see spin) take as long as spinLead steps. The finest grain is 20 ns.
const (
	spinSteps = 3 // in spinNanos
	spinNanos = 5
	spinLead  = 9
)

// Spin is a counted chain of integer steps: work that needs a core, and nothing else.
func Spin() Workload {
	k := strategies.Kernel[Task, Outcome]{Name: "spin", Func: spin, In: taskCodec(), Out: outcomeCodec()}
	w := Workload{
		Name:   "spin",
		Doc:    "a counted chain of dependent integer steps: pure computing, no memory, no calls",
		Uses:   "allocates nothing, touches no memory",
		Grains: true,
		Kernel: k,
	}
	w.New = func(p Params) (Load, error) {
		if err := w.Check(p); err != nil {
			return nil, err
		}
		return &Typed[Task, Outcome]{
			Kernel: k,
			Params: p,
			Input:  func(i, grain int) Task { return task(p.Seed, i, spinCount(grain)) },
			Number: number,
		}, nil
	}
	return w
}

func spinCount(grain int) uint64 {
	all := uint64(grain) * spinSteps / spinNanos
	return max(all, spinLead+1) - spinLead
}

// spin ends with a tail of up to seven more steps, as many as the value says. The
// processor cannot foresee that number; otherwise it would begin the next task of a
// loop before this one has ended, and a task of 100 ns would seem to take 87.
func spin(ctx context.Context, t Task) (Outcome, error) {
	const stride = 1 << 20 // about a millisecond between looks at the context
	x := t.start()
	for left := t.Steps; ; {
		n := min(left, stride)
		for range n {
			x = spinStep(x)
		}
		if left -= n; left == 0 {
			break
		}
		if err := ctx.Err(); err != nil {
			return Outcome{}, err
		}
	}
	for range x >> 61 {
		x = spinStep(x)
	}
	return Outcome{Index: t.Index, Value: x}, nil
}

func spinStep(x uint64) uint64 { return (x ^ x>>32) * 0xd6e8feb86659fd93 }
