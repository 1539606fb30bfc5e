package format

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Width returns the number of terminal columns that a text takes. An East Asian character or an
// emoji takes two columns, and a combining mark takes none.
func Width(s string) int { return uniseg.StringWidth(s) }

// Padded returns the text with spaces appended, so that it takes at least the given number of
// terminal columns.
func Padded(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-Width(s)))
}

// Clipped returns the text s, shortened so that it takes at most the given number of terminal
// columns. A shortened text ends in "…".
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
