package harness

import (
	"fmt"
	"strconv"
	"strings"
)

// An UnknownError is the error for a name that is not in Have, the list of the existing names.
type UnknownError struct {
	Kind string // "suite", "strategy", "workload", "filter key", "value of filter key grain"
	Name string
	Have []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown %s %q: %shave %s", e.Kind, e.Name, DidYouMean(e.Name, e.Have), strings.Join(e.Have, ", "))
}

// Find returns the first row of a table for which the function nameOf returns name. If there is no
// such row, Find returns an [UnknownError]. This error calls the rows by the word kind, such as
// "strategy".
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

// A CoresError is the error for a request to use more cores (Want) than this process may use
// (Have).
type CoresError struct{ Want, Have int }

func (e *CoresError) Error() string {
	return fmt.Sprintf("%d cores requested, but this process may use only %d; request fewer cores, or \"max\"", e.Want, e.Have)
}

// A DigestError is the error for a job whose outputs differ from those of the direct loop.
type DigestError struct {
	Got, Want uint64
	Program   bool // the tasks are a program of the user
}

func (e *DigestError) Error() string {
	text := fmt.Sprintf("outputs are wrong: their digest is %016x, that of the direct loop is %016x; the launch does not count", e.Got, e.Want)
	if e.Program {
		text += "; if the program's output differs from run to run by design, add --no-digest"
	}
	return text
}

// DidYouMean returns a hint such as "did you mean spin? ", which contains the word of have that is
// nearest to name. If several words are equally near, it contains the first of them. DidYouMean
// returns "" if no word is near or if name is a number.
//
// A word is near if at most two edits turn name into the word, and at most one edit for each three
// bytes of the word. An edit deletes, inserts or replaces a letter, or swaps two neighbours
// (Damerau, CACM 7, 1964). DidYouMean ignores case.
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

// distance returns the least number of edits that turn a into b, if no letter is edited twice.
// [DidYouMean] defines an edit.
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
