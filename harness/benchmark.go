package harness

// A Benchmark holds the values of one unit of a Go benchmark that payoff did not run: one value for
// each of its lines.
type Benchmark struct {
	Package string // import path; "" if the text does not say it
	Name    string // with the number of cores at its end, without the word Benchmark
	Unit    string
	Values  []float64
}
