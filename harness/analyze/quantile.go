package analyze

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// TQuantile returns the half-width of the two-sided interval of Student's t distribution with df
// degrees of freedom, as a multiple of the standard error. It panics if df is below 1.
func TQuantile(confidence float64, df int) float64 { return quantile(df+1, 1-confidence) }

// FQuantile returns the p quantile of the F distribution with the degrees of freedom d1 and d2.
func FQuantile(p float64, d1, d2 int) float64 {
	f := distuv.F{D1: float64(d1), D2: float64(d2)}
	lo, hi := 0.0, 1.0
	for f.CDF(hi) < p {
		hi *= 2
	}
	for range 60 {
		if mid := (lo + hi) / 2; f.CDF(mid) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// MeanOfLogs returns the geometric mean of positive values with the t interval of their logarithms.
func MeanOfLogs(values []float64, confidence float64) Estimate {
	var logs []float64
	for _, v := range values {
		logs = append(logs, math.Log(v))
	}
	if len(logs) == 0 {
		return Estimate{}
	}
	center, se := meanError(logs)
	if len(logs) < 2 {
		return Estimate{math.Exp(center), 0, math.Inf(1), 1}
	}
	half := se * quantile(len(logs), 1-confidence)
	return Estimate{math.Exp(center), math.Exp(center - half), math.Exp(center + half), len(logs)}
}
