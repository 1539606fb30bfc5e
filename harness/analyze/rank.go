package analyze

import (
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"
)

// Walsh holds sorted values, from which it computes their Walsh averages: the averages of all pairs
// of values, including each value with itself. The median of the averages is the Hodges–Lehmann
// estimate of the centre. The interval of the signed-rank test reaches from the k-th smallest to
// the k-th largest average (Hodges and Lehmann, Ann. Math. Stat. 34, 1963).
//
// The averages of n values are not stored. Counting the averages up to a bound takes O(n) time.
// Selecting one average takes 64 counts, by bisection over the floating-point numbers.
type walsh []float64

func newWalsh(xs []float64) walsh { return slices.Sorted(slices.Values(xs)) }

// len returns the number of Walsh averages.
func (w walsh) len() int { return len(w) * (len(w) + 1) / 2 }

// below returns the number of Walsh averages that are less than x. If orEqual is true, it also
// counts the averages that equal x.
func (w walsh) below(x float64, orEqual bool) (n int) {
	// For a larger first value, fewer second values keep the average below x.
	j := len(w)
	for i, first := range w {
		for j > i && ((first+w[j-1])/2 > x || !orEqual && (first+w[j-1])/2 == x) {
			j--
		}
		if j <= i {
			return n
		}
		n += j - i
	}
	return n
}

// at returns the Walsh average that has index k, counted from 0, in ascending order.
func (w walsh) at(k int) float64 {
	n := len(w)
	lo, hi := ordinal(w[0]), ordinal(w[n-1]) // bounds of the ordinal of the average that is sought, inclusive
	for lo < hi {
		mid := int64(uint64(lo) + (uint64(hi)-uint64(lo))/2)
		if w.below(fromOrdinal(mid), true) > k {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return fromOrdinal(lo)
}

// median returns the median of the Walsh averages.
func (w walsh) median() float64 {
	n := w.len()
	return (w.at((n-1)/2) + w.at(n/2)) / 2
}

// ordinal returns an integer for a finite floating-point number. The integers have the same order
// as the floating-point numbers.
func ordinal(x float64) int64 {
	bits := int64(math.Float64bits(x))
	if bits < 0 {
		return math.MinInt64 - bits
	}
	return bits
}

// fromOrdinal returns the floating-point number whose ordinal is n.
func fromOrdinal(n int64) float64 {
	if n < 0 {
		n = math.MinInt64 - n
	}
	return math.Float64frombits(uint64(n))
}

// exactRanks is the largest n for which the distribution of the signed-rank statistic is computed
// exactly. For larger n, the normal approximation is used: at a tail probability of 0.0005 its
// error is below 1 %.
const exactRanks = 60

// rankTails returns P(W < k) for each n up to exactRanks and each k, where W is Wilcoxon's statistic
// of n values (Biometrics Bull. 1, 1945).
var rankTails = sync.OnceValue(func() (below [exactRanks + 1][]float64) {
	ways := []float64{1} // for each sum, the share of the subsets of the ranks 1 … n that have this sum
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

// rankTail returns the probability that the interval from the k-th smallest to the k-th largest
// Walsh average of n values misses the true centre. This is twice P(W < k), where W is the
// signed-rank statistic.
func rankTail(n, k int) float64 {
	if n <= exactRanks {
		return 2 * rankTails()[n][k]
	}
	mean := float64(n*(n+1)) / 4
	sd := math.Sqrt(mean * float64(2*n+1) / 6)
	return 2 * distuv.UnitNormal.CDF((float64(k)-0.5-mean)/sd)
}
