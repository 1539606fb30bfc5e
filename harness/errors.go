package harness

import (
	"fmt"
	"strings"
	"time"
)

// A SuiteError is a suite file that cannot be used, with the line that is at fault
// and what to do about it.
type SuiteError struct {
	File   string
	Line   int // from 1; 0 when no line is to blame
	Reason string
}

func (e *SuiteError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
}

// An UnknownError is a name that does not exist here, with those that do, the nearest first.
type UnknownError struct {
	Kind string // "suite", "strategy", "workload", "filter key", "value of filter key grain"
	Name string
	Have []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown %s %q: %shave %s", e.Kind, e.Name, meant(e.Name, e.Have), strings.Join(e.Have, ", "))
}

// A CoresError is a core count that this machine cannot give.
type CoresError struct {
	Want, Have int
}

func (e *CoresError) Error() string {
	return fmt.Sprintf("%d cores are more than the %d that this process may use; name fewer, or \"max\"", e.Want, e.Have)
}

// A LaunchError is a launch that gave no sample.
type LaunchError struct {
	Cell    Cell
	Round   int // from 0, told from 1; -1 for the launch that probes the task before the first round
	Dropped int // in how many rounds in a row the cell had failed when it was dropped for it; else 0
	Err     error
}

func (e *LaunchError) Error() string {
	if e.Round < 0 {
		return fmt.Sprintf("probe of %s: %v", e.Cell, e.Err)
	}
	if e.Dropped > 0 {
		return fmt.Sprintf("%s dropped after %d rounds because its launches failed, in round %d too: %v", e.Cell, e.Dropped, e.Round+1, e.Err)
	}
	return fmt.Sprintf("launch of %s in round %d: %v", e.Cell, e.Round+1, e.Err)
}

func (e *LaunchError) Unwrap() error { return e.Err }

// A lagError is an open loop that was none, since what called its tasks came too late.
type lagError struct{ reason string }

func (e *lagError) Error() string { return e.reason }

// A timeoutError is a launch that was killed because it took too long.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("it took longer than %v and was killed", e.after)
}

// A DigestError is a job whose outputs are not those of the direct loop.
type DigestError struct {
	Got, Want uint64
}

func (e *DigestError) Error() string {
	return fmt.Sprintf("outputs are wrong: digest %016x, the direct loop's is %016x; the launch is void", e.Got, e.Want)
}
