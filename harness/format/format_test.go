package format

import (
	"math"
	"strings"
	"testing"
	"time"

	"golang.org/x/perf/benchunit"
)

func TestTimesHaveBenchstatsDigits(t *testing.T) {
	for _, ns := range []float64{0.5, 1, 9.9996, 99.996, 999.4, 999.96, 1000, 1234.5, 123456, 999_999, 1e6, 12345678, 2.5e9} {
		got, want := ExactTime(ns), benchunit.Scale(ns*1e-9, benchunit.Decimal)+"s"
		if strings.Replace(got, " ", "", 1) != want {
			t.Errorf("ExactTime(%v) = %q, benchstat shows %q", ns, got, want)
		}
	}
	for ns, want := range map[float64]string{8100: "8.10 µs", 101.2: "101 ns", 999.9: "1.00 µs", 1.02e6: "1.02 ms", 0: "?", math.Inf(1): "?"} {
		if got := Time(ns, 3); got != want {
			t.Errorf("Time(%v, 3) = %q, want %q", ns, got, want)
		}
	}
}

func TestElapsed(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                        "0s",
		900 * time.Millisecond:   "1s",
		59600 * time.Millisecond: "1m00s",
		100 * time.Second:        "1m40s",
		2*time.Hour + 5*time.Minute + 10*time.Second: "2h05m",
	} {
		if got := Elapsed(d); got != want {
			t.Errorf("Elapsed(%v) = %q, want %q", d, got, want)
		}
	}
}

// TestQuantities checks that each quantity has its most readable unit.
func TestQuantities(t *testing.T) {
	for got, want := range map[string]string{
		RoundTime(200_000):  "200 µs",
		RoundTime(999.6):    "1 µs",
		RoundTime(2.5e9):    "2.5 s",
		Rate(2e8):           "200 MB/s",
		Rate(0.5):           "0.5 B/s",
		Bytes(0):            "0 B",
		Bytes(100_000):      "100000 B",
		Bytes(64 << 10):     "64 KiB",
		Bytes(1 << 30):      "1 GiB",
		Mebibytes(3 << 20):  "3.0 MiB",
		Percent(0.02):       "2 %",
		Percent(12.34):      "1234 %",
		Points(0.0994):      "9.9",
		Points(0.123):       "12",
		Points(-0.0001):     "0.0",
		Number(9.996, 3):    "10.0",
		Count(1, "launch"):  "1 launch",
		Count(2, "launch"):  "2 launches",
		Count(3, "process"): "3 processes",
		Count(0, "core"):    "0 cores",
		strings.Join(Stretches([]string{"a", "b", "b", "a"}, []string{"1", "2", "3", "4"}), "; "): "a at 1; b from 2 to 3; a at 4",
		List(nil, "and"):                    "",
		List([]string{"a", "b", "c"}, "or"): "a, b or c",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
