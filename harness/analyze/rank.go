package analyze

import (
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"
)

// walsh returns the sorted Walsh averages of xs: the averages of all pairs of values, including each
// value with itself. Their median is the Hodges–Lehmann estimate of the centre. The k-th smallest
// and k-th largest average bound the interval of the signed-rank test (Hodges and Lehmann, Ann.
// Math. Stat. 34, 1963). It takes O(n² log n) time.
func walsh(xs []float64) []float64 {
	out := make([]float64, 0, len(xs)*(len(xs)+1)/2)
	for i, x := range xs {
		for _, y := range xs[i:] {
			out = append(out, (x+y)/2)
		}
	}
	slices.Sort(out)
	return out
}

// exactRanks is the largest n for which the distribution of the signed-rank statistic is computed
// exactly. Above it the normal approximation is within 1 % of the tail at 0.0005.
const exactRanks = 60

// rankTails returns P(W < k) for each n up to exactRanks and each k, where W is Wilcoxon's statistic
// of n values (Biometrics Bull. 1, 1945).
var rankTails = sync.OnceValue(func() (below [exactRanks + 1][]float64) {
	ways := []float64{1} // sets of ranks 1 … n with each sum, as a share of all
	for n := range below {
		next := make([]float64, n*(n+1)/2+1)
		for sum, share := range ways {
			next[sum] += share / 2
			next[sum+n] += share / 2
		}
		ways = next
		below[n] = make([]float64, len(ways)+1)
		for sum, share := range ways {
			below[n][sum+1] = below[n][sum] + share
		}
	}
	return below
})

// rankTail returns 1 less the coverage of the interval from the k-th smallest to the k-th
// largest Walsh average of n values: twice P(W < k).
func rankTail(n, k int) float64 {
	if n <= exactRanks {
		return 2 * rankTails()[n][k]
	}
	mean := float64(n*(n+1)) / 4
	sd := math.Sqrt(mean * float64(2*n+1) / 6)
	return 2 * distuv.UnitNormal.CDF((float64(k)-0.5-mean)/sd)
}
