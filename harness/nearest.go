package harness

import (
	"strconv"
	"strings"
)

// Nearest returns the word of have that somebody who wrote name most likely meant, the first
// if there are several; "" if none is near. Near is what a third of its letters, at most two,
// make of name: left out, added, put in place of another or exchanged with the next
// (Damerau, CACM 7, 1964). Capitals do not count. A number is near none.
func Nearest(name string, have []string) string {
	if _, err := strconv.Atoi(name); err == nil {
		return ""
	}
	best, least := "", 3
	for _, h := range have {
		if d := distance(strings.ToLower(name), strings.ToLower(h)); d < least && 3*d <= len(h) {
			best, least = h, d
		}
	}
	return best
}

// distance is how many letters make b of a, none being changed twice.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > 2 || len(y)-len(x) > 2 {
		return 3 // or more
	}
	var above []int // two rows up
	row := make([]int, len(y)+1)
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

// meant asks whether it was the nearest; "" if none is near.
func meant(name string, have []string) string {
	if near := Nearest(name, have); near != "" {
		return "did you mean " + near + "? "
	}
	return ""
}
