package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness/format"
)

// TestColumnsOfWideNames checks that wide characters count as two columns and combining characters
// as none.
func TestColumnsOfWideNames(t *testing.T) {
	var b bytes.Buffer
	textTable(&b, [][]string{{"strategy", "n"}, {"素数", "1"}, {"👩‍🔬 pool", "2"}, {"cafe\u0301", "3"}})
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	for i, line := range lines {
		number := strings.LastIndexAny(line, "n123")
		if got := format.Width(line[:number]); got != format.Width(lines[0])-1 {
			t.Errorf("line %d: the number is in column %d: %q", i, got, line)
		}
	}
}
