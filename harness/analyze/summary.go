package analyze

// Summary returns the median of values with its interval, as benchstat computes it. It is for
// benchmark results of other programs, which have no rounds by which they could be paired.
func Summary(values []float64, set Settings) Estimate {
	return summary(values, set.filled().Confidence)
}
