package codec_test

import "math/rand/v2"

// A pair has 16 bytes, as the input of a small task.
type pair struct{ A, B uint64 }

func newPair() pair {
	r := rand.New(rand.NewPCG(1, 1))
	return pair{r.Uint64(), r.Uint64()}
}

// newNumbers returns at least one number. The numbers have size bytes in total.
func newNumbers(seed uint64, size int) []float64 {
	r := rand.New(rand.NewPCG(seed, 3))
	v := make([]float64, max(size/8, 1))
	for i := range v {
		v[i] = r.Float64()
	}
	return v
}
