package analyze

// Summary returns the median of values with its interval, like benchstat. It is for benchmark
// results of other programs, which cannot be paired because they have no rounds.
func Summary(values []float64, set Settings) Estimate {
	return summary(values, set.filled().Confidence)
}
