package harness

import (
	"fmt"
	"strconv"
	"strings"
)

// An UnknownError is the error for a name that is not one of Have.
type UnknownError struct {
	Kind string // "suite", "strategy", "workload", "filter key", "value of filter key grain"
	Name string
	Have []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown %s %q: %shave %s", e.Kind, e.Name, DidYouMean(e.Name, e.Have), strings.Join(e.Have, ", "))
}

// Find returns the row of a table for which nameOf returns name. If there is none, it returns an
// [UnknownError] with that kind.
func Find[T any](table []T, kind, name string, nameOf func(T) string) (row T, err error) {
	unknown := &UnknownError{Kind: kind, Name: name}
	for _, row := range table {
		if nameOf(row) == name {
			return row, nil
		}
		unknown.Have = append(unknown.Have, nameOf(row))
	}
	return row, unknown
}

// A CoresError is the error for a core count that this machine does not have.
type CoresError struct{ Want, Have int }

func (e *CoresError) Error() string {
	return fmt.Sprintf("%d cores are more than the %d that this process may use; name fewer, or \"max\"", e.Want, e.Have)
}

// A DigestError is the error for a job whose outputs differ from those of the direct loop.
type DigestError struct{ Got, Want uint64 }

func (e *DigestError) Error() string {
	return fmt.Sprintf("outputs are wrong: their digest is %016x, that of the direct loop %016x; the launch is void", e.Got, e.Want)
}

// DidYouMean returns "did you mean spin? " with the word of have that is nearest to name, or ""
// if no word is near. The first of several equally near words wins. A word is near if at most two
// edits turn it into name, and no more edits than a third of its length in bytes. An edit deletes,
// inserts or replaces a letter, or swaps it with the next (Damerau, CACM 7, 1964). Case does not
// count. Numbers have no near words.
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

// distance returns the least number of edits that turn a into b, with no letter edited twice.
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
			next[j+1] = 1 + min(row[j], row[j+1], next[j])
			if x[i] == y[j] {
				next[j+1] = min(next[j+1], row[j])
			}
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				next[j+1] = min(next[j+1], above[j-1]+1)
			}
		}
		above, row = row, next
	}
	return row[len(y)]
}
