package kernels

import (
	"context"
	"sync"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A step of matmul multiplies two blocks of 4×4 numbers and adds the product to a third block. This
// takes 64 multiplications.
const (
	matBlock = 4
	matSide  = 8 // number of blocks on each side of a matrix
)

type (
	block  [matBlock][matBlock]float64
	matrix [matSide][matSide]block
)

// newMatMul returns the workload matmul. Its tasks multiply matrices of 32×32 numbers, block by
// block.
func newMatMul() workloads.Workload {
	// All tasks multiply the same two matrices, which the first task makes.
	factors := sync.OnceValue(func() *[2]matrix {
		var m [2]matrix
		x := uint64(0)
		for f := range m {
			for i := range matSide * matSide * matBlock * matBlock {
				x += mix.Odd
				at := &m[f][i/(matSide*matBlock*matBlock)][i/(matBlock*matBlock)%matSide]
				at[i/matBlock%matBlock][i%matBlock] = float64(mix.Bits(x) >> 52)
			}
		}
		return &m
	})
	return counted(workloads.Workload{
		Name:   "matmul",
		Doc:    "multiplies matrices block by block: floating-point arithmetic on data that stays in the cache of a core",
		Uses:   "allocates nothing; uses 16 KiB that stay in L1",
		Finest: 300,
	}, scale{steps: 1, nanos: 28, lead: 1}.count, func(ctx context.Context, t workloads.Task) (workloads.Outcome, error) {
		return matMul(ctx, t, factors())
	})
}

// matMul computes the blocks of the product of m[0] and m[1] in order, one step at a time. It
// begins with a block that the seed of the task selects. All numbers are small integers, so sums
// are exact with and without fused multiplication, and digests are the same on every machine.
func matMul(ctx context.Context, t workloads.Task, m *[2]matrix) (workloads.Outcome, error) {
	const stride = 1 << 15 // number of steps between two checks of the context, about a millisecond
	at := uint64(t.Seed) * matSide
	value := t.Start()
	var sum block
	for left := t.Steps; left > 0; {
		steps := min(left, stride)
		for range steps {
			i, j, k := at/matSide/matSide%matSide, at/matSide%matSide, at%matSide
			sum.add(&m[0][i][k], &m[1][k][j])
			if at++; at%matSide == 0 {
				value = mix.Bits(value ^ sum.digest())
				sum = block{}
			}
		}
		if left -= steps; left > 0 && ctx.Err() != nil {
			return workloads.Outcome{}, ctx.Err()
		}
	}
	return workloads.Outcome{Index: t.Index, Value: mix.Bits(value ^ sum.digest())}, nil
}

// add adds the matrix product of a and b to s.
func (s *block) add(a, b *block) {
	for i := range a {
		r, d := &a[i], &s[i]
		d0, d1, d2, d3 := d[0], d[1], d[2], d[3]
		for k, v := range r {
			c := &b[k]
			d0 += v * c[0]
			d1 += v * c[1]
			d2 += v * c[2]
			d3 += v * c[3]
		}
		d[0], d[1], d[2], d[3] = d0, d1, d2, d3
	}
}

func (s *block) digest() (h uint64) {
	for i := range s {
		h = h*mix.Odd + uint64(s[i][0]) + uint64(s[i][1])<<16 + uint64(s[i][2])<<32 + uint64(s[i][3])<<8
	}
	return h
}
