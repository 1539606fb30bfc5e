package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/report"
)

// TestCounselFits checks that a counsel has at most eight lines of 100 columns, without its code,
// and never omits its first two lines and its last line.
func TestCounselFits(t *testing.T) {
	a := analysis(info, large())
	code := []string{"ex := strategies.Pool(0)", "out, err := kernel.Map(ctx, ex, in, strategies.Options{})"}
	for _, size := range []time.Duration{100, 150, time.Microsecond, 20 * time.Microsecond, time.Millisecond, 50 * time.Millisecond} {
		for _, n := range []harness.Need{{CPU: size}, {CPU: size, Tasks: 3}, {CPU: size, Tasks: 1_000_000, Crash: true}} {
			c, ok := a.Counsel(n)
			if !ok {
				t.Fatalf("no counsel for %s", n)
			}
			var b bytes.Buffer
			if err := report.Counsel(&b, c, "", code, "From "+strings.Repeat("a long folder and ", 8)+"its end"); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
			for _, want := range []string{": use ", code[0], code[1], "its end"} {
				if !strings.Contains(b.String(), want) {
					t.Errorf("%s: no %q in\n%s", n, want, b.String())
				}
			}
			if !strings.Contains(b.String(), "How sure: ") && !strings.Contains(b.String(), "NOT MEASURED") || len(lines) > 8 {
				t.Errorf("%s: %d lines:\n%s", n, len(lines), b.String())
			}
			for _, line := range lines {
				if format.Width(line) > 100 || strings.Contains(line, "NaN") || strings.Contains(line, "Inf") {
					t.Errorf("%s: %s", n, line)
				}
			}
		}
	}
}
