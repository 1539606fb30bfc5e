package format

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Width returns the number of terminal columns that a text takes. East Asian characters and emoji
// take two, combining marks none.
func Width(s string) int { return uniseg.StringWidth(s) }

// Padded returns the text with spaces up to that many columns.
func Padded(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-Width(s)))
}

// Clipped returns a text of at most that many columns: the whole text, or its beginning and "…".
func Clipped(s string, columns int) string {
	if Width(s) <= columns {
		return s
	}
	out, used, state := "", 1, -1
	for s != "" {
		var cluster string
		var width int
		if cluster, s, width, state = uniseg.FirstGraphemeClusterInString(s, state); used+width > columns {
			break
		}
		out, used = out+cluster, used+width
	}
	return out + "…"
}
