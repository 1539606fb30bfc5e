package harness

// A Benchmark holds the values of a Go benchmark in one unit, one value for each benchmark line. A
// program other than payoff, such as go test, measured them.
type Benchmark struct {
	Package string // import path of the benchmark; "" if unknown
	Name    string // benchmark name, with the number of cores at its end, without the word Benchmark
	Unit    string
	Values  []float64
}
