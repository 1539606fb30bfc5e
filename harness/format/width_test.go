package format_test

import (
	"testing"

	"github.com/payoff-bench/payoff/harness/format"
)

func TestWidth(t *testing.T) {
	for _, c := range []struct {
		text    string
		width   int
		clipped string // to 5 columns
	}{
		{"", 0, ""},
		{"10 µs", 5, "10 µs"},
		{"10.5 µs", 7, "10.5…"},
		{"排序", 4, "排序"},
		{"排序器", 6, "排序…"},
		{"a排序器", 7, "a排…"},
		{"e\u0301te\u0301", 3, "e\u0301te\u0301"},
		{"🚀🚀🚀", 6, "🚀🚀…"},
		{"👩‍🚀 ok", 5, "👩‍🚀 ok"},
	} {
		if got := format.Width(c.text); got != c.width {
			t.Errorf("Width(%q) = %d, want %d", c.text, got, c.width)
		}
		if got := format.Clipped(c.text, 5); got != c.clipped || format.Width(got) > 5 {
			t.Errorf("Clipped(%q) = %q, want %q", c.text, got, c.clipped)
		}
		if got := format.Padded(c.text, 9); format.Width(got) != 9 {
			t.Errorf("Padded(%q) takes %d columns", c.text, format.Width(got))
		}
	}
}
