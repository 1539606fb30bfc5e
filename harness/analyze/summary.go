package analyze

// Summary returns the median of values with its interval, as benchstat computes it. It is for
// benchmarks of other programs, whose lines cannot be paired.
func Summary(values []float64, set Settings) Estimate {
	return summary(values, set.filled().Confidence)
}
