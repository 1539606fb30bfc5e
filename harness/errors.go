package harness

import (
	"fmt"
	"strings"
)

// An UnknownError is a name that does not exist here, with those that do.
type UnknownError struct {
	Kind string // "suite", "strategy", "workload", "filter key", "value of filter key grain"
	Name string
	Have []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown %s %q: %shave %s", e.Kind, e.Name, DidYouMean(e.Name, e.Have), strings.Join(e.Have, ", "))
}

// Find returns the row of that name in a table. Its error is an [UnknownError] of that kind.
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

// A CoresError is a core count that this machine cannot give.
type CoresError struct {
	Want, Have int
}

func (e *CoresError) Error() string {
	return fmt.Sprintf("%d cores are more than the %d that this process may use; name fewer, or \"max\"", e.Want, e.Have)
}

// A DigestError is a job whose outputs are not those of the direct loop.
type DigestError struct {
	Got, Want uint64
}

func (e *DigestError) Error() string {
	return fmt.Sprintf("outputs are wrong: digest %016x, the direct loop's is %016x; the launch is void", e.Got, e.Want)
}
