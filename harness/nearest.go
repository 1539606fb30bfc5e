package harness

import (
	"strconv"
	"strings"
)

// DidYouMean returns the question "did you mean spin? " for the word of have that is nearest
// to name, the first if there are several; "" if none is near. A word is near if at most two
// edits, and edits of at most a third of its letters, turn it into name: a letter left out,
// added, replaced, or exchanged with the next (Damerau, CACM 7, 1964). Capitals do not count.
// A number is near none.
func DidYouMean(name string, have []string) string {
	if _, err := strconv.Atoi(name); err == nil {
		return ""
	}
	best, least := "", 3
	for _, h := range have {
		if d := distance(strings.ToLower(name), strings.ToLower(h)); d < least && 3*d <= len(h) {
			best, least = h, d
		}
	}
	if best == "" {
		return ""
	}
	return "did you mean " + best + "? "
}

// distance returns how many edits turn a into b if no letter is changed twice.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	above, row := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		next := make([]int, len(y)+1)
		next[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				next[j+1] = min(next[j+1], above[j-1]+1)
			}
		}
		above, row = row, next
	}
	return row[len(y)]
}
